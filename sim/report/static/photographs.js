// The demo photographs, fetched through the front door as each region gets them.

import { byId, bytes, element as build } from "./library/dom.js";
import { isHit } from "./words.js";

const TRANSFORMATION = "c_fill,w_480,h_320,f_auto";
const AT_ONCE = 3; // a browser opens few connections to a host; waiting for one would be counted as network time

const figures = new Map(); // public_id → the parts of its figure
let looks = Math.floor(Math.random() * 1e9); // makes each URL new to the browser's cache; the balancer takes it off again
let looking = 0;

const element = (tag, className, ...children) => build(tag, className ? { className } : {}, ...children);

function makeFigures(world) {
  for (const photograph of world.photographs) {
    const image = element("img");
    image.alt = photograph.title;
    image.hidden = true;
    const answer = element("div", "answer");
    const before = element("div", "before");
    const figure = element("figure", "", element("div", "frame", image), element("figcaption", "", answer, before, element("p", "credit", photograph.credit)));
    figure.dataset.publicId = photograph.public_id;
    figures.set(photograph.public_id, { image, answer, before, history: [] });
    byId("photographs").append(figure);
  }
}

async function fetchOne(world, photograph, region, look) {
  const parts = figures.get(photograph.public_id);
  // the first `region` counts; the second only makes the URL one that this browser has not seen
  const url = `${world.front}/${world.cloud}/image/upload/${TRANSFORMATION}/${photograph.public_id}?region=${encodeURIComponent(region)}&region=${++looks}`;
  const asked = performance.now();
  let answer;
  try {
    const response = await fetch(url, { headers: { Accept: "image/avif,image/webp,image/*,*/*;q=0.8" } });
    const body = await response.blob();
    answer = {
      status: response.status,
      pop: response.headers.get("X-PoP") ?? response.headers.get("X-Amz-Cf-Pop") ?? "no PoP",
      cache: response.headers.get("X-Cache") ?? "–",
      error: response.headers.get("X-Cld-Error"),
      type: body.type.replace("image/", ""),
      size: body.size,
      body: response.ok ? body : null,
    };
  } catch {
    answer = { status: 0, pop: "no answer", cache: "–", type: "", size: 0, body: null };
  }
  answer.milliseconds = performance.now() - asked;
  if (look === looking) showAnswer(parts, answer);
  return answer;
}

function showAnswer(parts, answer) {
  if (answer.body) {
    URL.revokeObjectURL(parts.image.src);
    parts.image.src = URL.createObjectURL(answer.body);
  }
  parts.image.hidden = !answer.body;
  const kind = !answer.body ? "error" : isHit(answer.cache) ? "hit" : "";
  parts.answer.replaceChildren(
    element("b", "pop", answer.pop),
    element("span", `cache ${kind}`, answer.cache),
    element("span", "", `${answer.milliseconds.toFixed(0)} ms`),
    element("span", "", `${answer.status || ""}`),
    element("span", "", answer.body ? `${bytes(answer.size)} ${answer.type}` : (answer.error ?? "")),
  );
  parts.before.textContent = parts.history.length ? `before: ${parts.history.slice(0, 3).join(" · ")}` : "";
  parts.history.unshift(`${answer.pop} ${answer.cache} ${answer.milliseconds.toFixed(0)} ms`);
}

async function lookFrom(world, region) {
  const look = ++looking;
  const waiting = [...world.photographs];
  const answers = [];
  byId("summary").textContent = `asking from ${region} …`;
  const worker = async () => {
    while (waiting.length && look === looking) answers.push(await fetchOne(world, waiting.shift(), region, look));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (look !== looking) return;
  const times = answers.map((answer) => answer.milliseconds).sort((a, b) => a - b);
  const hits = answers.filter((answer) => isHit(answer.cache)).length;
  const pops = [...new Set(answers.map((answer) => answer.pop))].sort().join(", ");
  byId("summary").textContent = `${hits} of ${answers.length} hits, median ${times[times.length >> 1].toFixed(0)} ms, by ${pops}`;
  document.body.dataset.looked = region;
}

/** The regions to choose from: what is chosen stays, while there is such a region. */
export function showRegions({ regions }) {
  const select = byId("region");
  if ([...select.options].map((option) => option.value).join() === regions.join()) return;
  const chosen = select.value;
  select.replaceChildren(...regions.map((region) => new Option(region, region)));
  if (regions.includes(chosen)) select.value = chosen;
}

/** `now` gives the world as it is. */
export function showPhotographs(now) {
  const world = now();
  makeFigures(world);
  const select = byId("region");
  showRegions(world);
  const wanted = new URLSearchParams(location.search).get("region");
  if (world.regions.includes(wanted)) select.value = wanted;
  const look = () => lookFrom(now(), select.value);
  select.addEventListener("change", look);
  byId("look").addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  look();
}
