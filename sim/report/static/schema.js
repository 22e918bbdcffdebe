// The regions and what lies between them, at a glance: a schema, not a map, so that neighbours stay apart.

import { byId } from "./library/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const HEIGHT = 250;
const REACH = { x: 150, y: 80 }; // of the ellipse on which regions stand
const RADIUS = 30;
const regions = new Map(); // name → the parts of its circle
const lines = new Map(); // name → the parts of its line

function drawn(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

function place(number, count) {
  const angle = (2 * Math.PI * number) / count - Math.PI; // the first is at the left
  return { x: WIDTH / 2 + (count > 1 ? REACH.x * Math.cos(angle) : 0), y: HEIGHT / 2 + (count > 1 ? REACH.y * Math.sin(angle) : 0) };
}

function draw(world) {
  const at = Object.fromEntries(world.regions.map((region, number) => [region, place(number, world.regions.length)]));
  const schema = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Regions and links; below in words" });
  for (const { ends } of world.with_links ? world.links : []) {
    const [one, other] = ends.map((end) => at[end]);
    const line = drawn("line", { x1: one.x, y1: one.y, x2: other.x, y2: other.y });
    const words = drawn("text", { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 - 5, class: "trip" });
    lines.set(ends.join("--"), { line, words });
    schema.append(line, words);
  }
  for (const region of world.regions) {
    const { x, y } = at[region];
    const circle = drawn("circle", { cx: x, cy: y, r: RADIUS });
    const rate = drawn("text", { x, y: y + 4 });
    regions.set(region, { circle, rate });
    schema.append(circle, rate, drawn("text", { x, y: y + (y < HEIGHT / 2 ? -RADIUS - 6 : RADIUS + 15) }, region));
  }
  byId("schema").replaceChildren(schema);
}

export function showSchema(world) {
  if (!regions.size) draw(world);
  for (const [region, { circle, rate }] of regions) {
    const here = world.nodes.filter((node) => node.region === region);
    const ready = here.filter((node) => node.health === "ready").length;
    circle.setAttribute("class", ready === here.length ? "good" : ready ? "wait" : "bad");
    const asked = here.filter((node) => node.kind === "edge").reduce((sum, node) => sum + node.requests_per_second, 0);
    rate.textContent = `${asked.toFixed(1)} /s`;
  }
  for (const link of world.links) {
    const parts = lines.get(link.ends.join("--"));
    if (!parts) continue;
    parts.line.setAttribute("class", link.count ? link.state : "unused");
    parts.words.textContent = link.state === "cut" ? "cut" : `${link.rtt_ms} ms`;
  }
}
