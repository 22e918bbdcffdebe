// The regions and what lies between them, at a glance: a schema, not a map, so that neighbours stay apart.

import { byId, bytes } from "./library/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const HEIGHT = 250;
const REACH = { x: 150, y: 80 }; // of the ellipse on which regions stand
const RADIUS = 30;
const WIDEST = 12; // of a line on which 10 MB flow in a second, or more
const LEAST = 1e3; // bytes a second that make it wider than an idle one
const regions = new Map(); // name → the parts of its circle
const lines = new Map(); // name → the parts of its line
let drawnOf = null; // the names of what is drawn

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

const linksOf = (world) => (world.with_links ? world.links : []);
const namesOf = (world) => [...world.regions, ...linksOf(world).map((link) => link.ends.join("--"))].join();

function draw(world) {
  regions.clear();
  lines.clear();
  const at = Object.fromEntries(world.regions.map((region, number) => [region, place(number, world.regions.length)]));
  const schema = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Regions and links; below in words" });
  const labels = [];
  for (const { ends } of linksOf(world)) {
    const [one, other] = ends.map((end) => at[end]);
    const middle = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
    const line = drawn("line", { x1: one.x, y1: one.y, x2: other.x, y2: other.y });
    const trip = drawn("text", { ...middle, y: middle.y - 8, class: "trip" });
    const flow = drawn("text", { ...middle, y: middle.y + 18, class: "flow" });
    lines.set(ends.join("--"), { line, trip, flow });
    schema.append(line);
    labels.push(trip, flow);
  }
  schema.append(...labels); // no line crosses them
  for (const region of world.regions) {
    const { x, y } = at[region];
    const circle = drawn("circle", { cx: x, cy: y, r: RADIUS });
    const rate = drawn("text", { x, y: y + 4 });
    regions.set(region, { circle, rate });
    schema.append(circle, rate, drawn("text", { x, y: y + (y < HEIGHT / 2 ? -RADIUS - 6 : RADIUS + 15) }, region));
  }
  byId("schema").replaceChildren(schema);
  drawnOf = namesOf(world);
}

/** The wider the more flows, ten times as much by the same step. */
const widthOf = (rate) => Math.min(WIDEST, 2 + 2.5 * Math.max(0, Math.log10(rate / LEAST)));

export function showSchema(world) {
  if (drawnOf !== namesOf(world)) draw(world);
  for (const [region, { circle, rate }] of regions) {
    const here = world.nodes.filter((node) => node.region === region && node.health !== "standby");
    const ready = here.filter((node) => node.health === "ready").length;
    circle.setAttribute("class", ready === here.length ? "good" : ready ? "wait" : "bad");
    const asked = here.filter((node) => node.kind === "edge").reduce((sum, node) => sum + node.requests_per_second, 0);
    rate.textContent = `${asked.toFixed(1)} /s`;
  }
  for (const link of linksOf(world)) {
    const parts = lines.get(link.ends.join("--"));
    const rate = Object.values(link.toward).reduce((sum, each) => sum + each, 0);
    parts.line.setAttribute("class", link.count ? link.state : "unused");
    parts.line.style.strokeWidth = link.state === "cut" ? "" : widthOf(rate);
    parts.trip.textContent = link.state === "cut" ? "cut" : `${link.rtt_ms} ms`;
    parts.flow.textContent = rate ? `${bytes(rate)}/s` : "";
  }
}
