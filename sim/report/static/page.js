"use strict";
// Shows a running world. Asks /state once a second, and fetches the photographs through the front door.

const TRANSFORMATION = "c_fill,w_480,h_320,f_auto";
const AT_ONCE = 3; // a browser opens few connections to a host; waiting for one would be counted as network time

const byId = (id) => document.getElementById(id);
const figures = new Map(); // public_id → the parts of its figure
let world = null;
let looks = Math.floor(Math.random() * 1e9); // makes each URL new to the browser's cache; the balancer takes it off again
let looking = 0;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const percent = (part) => (part === null ? "–" : `${Math.round(part * 100)} %`);
const bytes = (count) => (count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`);

function nodeRow(node) {
  const row = element("div", "node");
  const dot = element("span", `dot ${node.health.replaceAll(" ", "-")}`);
  dot.title = node.health;
  const name = element("span", "name", node.name, " ", element("span", "what", node.kind + (node.asks ? `, asks ${node.asks}` : "")));
  const rate = element("span", "rate", `${node.requests_per_second.toFixed(1)} /s`);
  const more = element("div", "more", element("span", "", [node.health, ...node.reasons].join(": ")), element("span", "", `${node.requests} requests`));
  if (node.hit_ratio !== null || node.cache_fill !== null) {
    more.append(element("span", "", `hits ${percent(node.hit_ratio)}`));
  }
  if (node.cache_fill !== null) {
    const meter = element("meter");
    meter.value = node.cache_fill;
    meter.setAttribute("aria-label", "cache fill");
    more.append(element("span", "", `cache ${bytes(node.cache_bytes)} `, meter));
  }
  if (node.restarts) more.append(element("span", "", `restarted ${node.restarts}×`));
  row.append(dot, name, rate, more);
  return row;
}

function showWorld() {
  const front = byId("front");
  front.textContent = front.href = world.front;
  const places = [["", "the front door"], ...world.regions.map((region) => [region, region])];
  byId("world").replaceChildren(
    ...places.flatMap(([region, title]) => {
      const nodes = world.nodes.filter((node) => node.region === region);
      return nodes.length ? [element("div", region ? "region" : "region front", element("h3", "", title), ...nodes.map(nodeRow))] : [];
    }),
  );
  byId("links").textContent = world.with_links
    ? "Round trips: " + world.links.map((link) => `${link.ends[0]} ↔ ${link.ends[1]} ${link.rtt_ms} ms`).join(" · ")
    : "Links are switched off: every node is next door.";
}

function makeFigures() {
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

async function fetchOne(photograph, region, look) {
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
      pop: response.headers.get("X-PoP") ?? "no PoP",
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
  const kind = !answer.body ? "error" : answer.cache.toUpperCase() === "HIT" ? "hit" : "";
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

async function lookFrom(region) {
  const look = ++looking;
  const waiting = [...world.photographs];
  const answers = [];
  byId("summary").textContent = `asking from ${region} …`;
  const worker = async () => {
    while (waiting.length && look === looking) answers.push(await fetchOne(waiting.shift(), region, look));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (look !== looking) return;
  const times = answers.map((answer) => answer.milliseconds).sort((a, b) => a - b);
  const hits = answers.filter((answer) => answer.cache.toUpperCase() === "HIT").length;
  const pops = [...new Set(answers.map((answer) => answer.pop))].sort().join(", ");
  byId("summary").textContent = `${hits} of ${answers.length} hits, median ${times[times.length >> 1].toFixed(0)} ms, by ${pops}`;
  document.body.dataset.looked = region;
}

async function refresh() {
  try {
    world = await (await fetch("/state")).json();
    if (location.protocol === "https:" && world.secure_front) world.front = world.secure_front;
    byId("lost").textContent = "";
    showWorld();
  } catch {
    byId("lost").textContent = "This world does not run any more.";
  }
}

async function begin() {
  await refresh();
  if (!world) {
    setTimeout(begin, 1000);
    return;
  }
  makeFigures();
  const select = byId("region");
  select.append(...world.regions.map((region) => new Option(region, region)));
  const wanted = new URLSearchParams(location.search).get("region");
  if (world.regions.includes(wanted)) select.value = wanted;
  select.addEventListener("change", () => lookFrom(select.value));
  byId("look").addEventListener("submit", (event) => {
    event.preventDefault();
    lookFrom(select.value);
  });
  lookFrom(select.value);
  setInterval(refresh, 1000);
}

begin();
