// The picture of the world: told by the server as it changes; asked for when that does not work.

const EVERY_MS = 1000;
const SILENCE_MS = 5000; // a connection that stands, with nobody at its end

/** Calls `show` with each picture, and `lost` with a sentence when none can be had. A hidden tab holds no connection. */
export function follow(show, lost) {
  let source = null;
  let asking = null;
  let heardAt = 0;

  function take(picture) {
    heardAt = performance.now();
    show(picture);
  }

  async function ask() {
    try {
      take(await (await fetch("/state", { signal: AbortSignal.timeout(SILENCE_MS) })).json());
      if (source?.readyState === EventSource.CLOSED) listen();
    } catch (error) {
      lost(error.name === "TimeoutError" ? "This world does not answer." : "This world does not run any more.");
    }
  }

  function stop() {
    source?.close();
    source = null;
    clearInterval(asking);
    asking = null;
  }

  const askFromNowOn = () => (asking ??= setInterval(ask, EVERY_MS));

  function listen() {
    source = new EventSource("/events");
    source.addEventListener("message", (event) => {
      clearInterval(asking);
      asking = null;
      take(JSON.parse(event.data));
    });
    source.addEventListener("error", askFromNowOn);
  }

  function begin() {
    heardAt = performance.now();
    listen();
  }

  setInterval(() => {
    if (source && performance.now() - heardAt > SILENCE_MS) askFromNowOn();
  }, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    stop();
    if (!document.hidden) begin();
  });
  begin();
}
