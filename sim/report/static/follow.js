// The picture of the world: told by the server as it changes; asked for when that does not work.

const EVERY_MS = 1000;

/** Calls `show` with each picture, and `lost` when none can be had. A hidden tab holds no connection. */
export function follow(show, lost) {
  let source = null;
  let asking = null;

  async function ask() {
    try {
      show(await (await fetch("/state")).json());
    } catch {
      lost();
    }
  }

  function stop() {
    source?.close();
    source = null;
    clearInterval(asking);
    asking = null;
  }

  function begin() {
    source = new EventSource("/events");
    source.addEventListener("message", (event) => {
      clearInterval(asking);
      asking = null;
      show(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      asking ??= setInterval(ask, EVERY_MS);
    });
  }

  document.addEventListener("visibilitychange", () => {
    stop();
    if (!document.hidden) begin();
  });
  begin();
}
