// The regions where they lie, and what lies between them: how they are, what is asked of them, what flows where.

import { byId, bytes, element } from "./library/dom.js";
import { LAND } from "./land.js";
import { apart, around, projection } from "./projection.js";
import { bow, drawn, lane, lines } from "./svg.js";
import { latency, percent } from "./words.js";

const NARROW = 560; // pixels: below, regions are smaller, and what is between them is told below the map alone
const LONGEST = 24; // letters of a name on the map; the table has all of them
const LABELLED = 12; // links; of more, only those that are not as they should be
const EVERY_DEGREES = 30;
const LEAST = 1e3; // bytes a second that make a lane wider and faster than an idle one
const regions = new Map(); // name → the parts of its circle
const links = new Map(); // name → the parts of its line
const rows = new Map(); // name → its row of the table
let world = null;
let drawnOf = null; // what is drawn, and how wide
let drawnWidth = 0; // pixels
let radius = 0; // of a region

const secondsOf = ({ seconds }) => seconds.filter(({ from, to }) => from !== to);
const linksOf = ({ with_links, links }) => (with_links ? links : []);

/** The land and the lines of the globe, so often as they come by. */
function ground(map) {
  const outline = LAND.map((shore) => `${lines(shore.map(([longitude, latitude]) => ({ x: map.x(longitude), y: map.y(latitude) })))}Z`);
  const around360 = [-1, 0, 1].map((turn) => drawn("path", { class: "land", d: outline.join(""), transform: `translate(${turn * 360 * map.scale})` }));
  const grid = [];
  for (let longitude = -360; longitude <= 720; longitude += EVERY_DEGREES) grid.push(`M${map.x(longitude).toFixed(1)} 0V${map.height}`);
  for (let latitude = -90; latitude <= 90; latitude += EVERY_DEGREES) grid.push(`M0 ${map.y(latitude).toFixed(1)}H${map.width}`);
  return [...around360, drawn("path", { class: "grid", d: grid.join("") })];
}

const shortened = (name) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name);

/** Where each region is drawn: by its place, all of them on an ellipse if one has none. */
function layout(width) {
  const at = new Map(world.places.map((place) => [place.name, place.at]));
  if (!world.regions.every((region) => at.has(region))) {
    const { height, points } = around(world.regions.length, width);
    return { width, height, points, ground: [] };
  }
  const map = projection(world.regions.map((region) => at.get(region)), width);
  const least = Math.min(width < NARROW ? 78 : 96, Math.sqrt((width * map.height) / world.regions.length) / 1.2);
  const points = apart(world.regions.map((region) => map.place(at.get(region))), least, map, 38);
  return { width, height: map.height, points, ground: ground(map) };
}

/** A lane from one region to another. */
const laneOf = (from, to) => drawn("path", { class: "lane", d: lane(from, to, radius), "marker-end": "url(#toward)" });

function drawLink({ ends }, at) {
  const [one, other] = ends.map((end) => at.get(end));
  const middle = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  const title = drawn("title", {});
  const line = drawn("line", { x1: one.x, y1: one.y, x2: other.x, y2: other.y });
  const lanes = { [ends[0]]: laneOf(other, one), [ends[1]]: laneOf(one, other) };
  const trip = drawn("text", { x: middle.x, y: middle.y - 12, class: "trip" });
  const flow = drawn("text", { x: middle.x, y: middle.y + 22, class: "flow" });
  const group = drawn("g", { class: "link" }, title, line, ...Object.values(lanes));
  links.set(ends.join("--"), { group, title, line, lanes, trip, flow });
  return { group, labels: [trip, flow] };
}

/** The way to the second members of origin groups, as a bow beside the link: nobody goes it while the first ones answer. */
function drawSecond({ from, to, asked }, at) {
  const others = [...at].filter(([region]) => ![from, to].includes(region)).map(([, point]) => point);
  const { path, middle } = bow(at.get(from), at.get(to), radius, others);
  const told = asked.map(({ pop, first, second }) => `${pop} asks ${second} where ${first} fails`).join("; ");
  const names = [...new Set(asked.map(({ second }) => second))].join(", ");
  const label = drawn("text", { ...middle, class: "then" }, drawnWidth < NARROW ? "" : `then ${shortened(names)}`);
  const way = drawn("path", { class: "way", d: path, "marker-end": "url(#then)" });
  return { group: drawn("g", { class: "second" }, drawn("title", {}, told), way), labels: [label] };
}

function drawRegion(region, { x, y }, height) {
  const [title, rate, hits] = [drawn("title", {}), drawn("text", { x, y: y + 4 }), drawn("text", { x, class: "hits" })];
  const isLow = y > height - radius - 44; // its name stands above then
  hits.setAttribute("y", isLow ? y - radius - 6 : y + radius + 30);
  const name = drawn("text", { x, y: isLow ? y - radius - 21 : y + radius + 15, class: "name" }, shortened(region));
  const group = drawn("g", {}, title, drawn("circle", { cx: x, cy: y, r: radius }), rate, name, hits);
  regions.set(region, { group, title, rate, hits });
  return group;
}

function draw(width) {
  drawnWidth = width;
  radius = width < NARROW ? 14 : 23;
  regions.clear();
  links.clear();
  const { height, points, ground: below } = layout(width);
  const at = new Map(world.regions.map((region, number) => [region, points[number]]));
  const told = { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": "The regions and what flows between them; below in words" };
  const arrow = { viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: 11, markerHeight: 11, markerUnits: "userSpaceOnUse", orient: "auto" };
  const markers = ["toward", "then"].map((id) => drawn("marker", { id, ...arrow }, drawn("path", { d: "M0 0L8 4L0 8Z" })));
  const seconds = secondsOf(world).map((second) => drawSecond(second, at));
  const between = [...seconds, ...linksOf(world).map((link) => drawLink(link, at))];
  byId("map").replaceChildren(
    drawn(
      "svg",
      told,
      drawn("defs", {}, ...markers),
      ...below,
      ...between.map(({ group }) => group),
      ...between.flatMap(({ labels }) => labels), // no line crosses them
      ...world.regions.map((region) => drawRegion(region, at.get(region), height)),
    ),
  );
}

/** Steps of the logarithm: ten times as much is wider and faster by the same. */
function showLane(path, rate) {
  const step = Math.round(2 * Math.max(0, Math.log10(rate / LEAST))) / 2;
  path.style.display = rate > 0 ? "" : "none";
  path.style.strokeWidth = Math.min(7, 2 + 1.25 * step);
  path.style.animationDuration = `${Math.max(0.25, 1.4 - 0.3 * step)}s`;
}

function showLink(link, isLabelled) {
  const parts = links.get(link.ends.join("--"));
  const state = link.count ? link.state : "unused";
  const total = Object.values(link.toward).reduce((sum, rate) => sum + rate, 0);
  const flows = Object.entries(link.toward).map(([end, rate]) => `${bytes(rate)}/s to ${end}`);
  parts.group.setAttribute("class", `link ${state}`);
  for (const [end, path] of Object.entries(parts.lanes)) showLane(path, link.toward[end]);
  parts.title.textContent = `${link.ends.join(" ↔ ")}: ${state === "unused" ? "nobody asks across it" : state}, ${link.rtt_ms} ms, ${flows.join(", ")}`;
  const isTold = isLabelled || state === "changed";
  parts.trip.textContent = state === "cut" ? "cut" : isTold ? `${link.rtt_ms} ms` : "";
  parts.flow.textContent = isLabelled && total ? `${bytes(total)}/s` : "";
}

const HEADINGS = ["region", "ready", "requests/s", "hits", "p95"];

function cellsOf(place) {
  const ready = place.of ? `${place.ready} of ${place.of}` : "none here";
  const figures = [ready, place.requests_per_second.toFixed(1), percent(place.hit_ratio)];
  return [...figures, place.p95 ? latency(place.p95) : "–"];
}

function showTable() {
  const table = byId("regions");
  if (!table.tHead) {
    table.append(element("thead", {}, element("tr", {}, ...HEADINGS.map((words) => element("th", { scope: "col" }, words)))));
    table.append(element("tbody", {}));
  }
  const names = world.places.map(({ name }) => name);
  if ([...rows.keys()].join() !== names.join()) {
    rows.clear();
    for (const name of names) {
      const cells = HEADINGS.slice(1).map(() => element("td", {}));
      rows.set(name, { cells, row: element("tr", {}, element("th", { scope: "row" }, name), ...cells) });
    }
    table.tBodies[0].replaceChildren(...[...rows.values()].map(({ row }) => row));
  }
  for (const place of world.places) {
    const { row, cells } = rows.get(place.name);
    row.className = healthOf(place);
    cellsOf(place).forEach((words, number) => (cells[number].textContent = words));
  }
}

const healthOf = ({ ready, of }) => (!of ? "empty" : ready === of ? "good" : ready ? "wait" : "bad");

function showRegion(place) {
  const parts = regions.get(place.name);
  if (!parts) return;
  const [ready, rate, hits, p95] = cellsOf(place);
  parts.group.setAttribute("class", `place ${healthOf(place)}`);
  const isNarrow = drawnWidth < NARROW;
  parts.rate.textContent = isNarrow ? "" : `${rate} /s`;
  parts.hits.textContent = place.ready < place.of ? `${ready} ready` : isNarrow ? `${rate} /s` : `hits ${hits}`;
  const nodes = place.of ? `${ready} nodes ready` : "no nodes";
  parts.title.textContent = `${place.name}: ${nodes}, ${rate} requests a second, hits ${hits}, 95 % within ${p95}`;
}

export function showMap(picture) {
  world = picture;
  const width = Math.max(280, Math.min(byId("map").clientWidth, 900));
  const places = world.places.map(({ name, at }) => [name, at]);
  const isOf = JSON.stringify([width, world.regions, places, linksOf(world).map((link) => link.ends), secondsOf(world)]);
  if (drawnOf !== isOf) draw(width);
  drawnOf = isOf;
  world.places.forEach(showRegion);
  const isLabelled = links.size <= LABELLED && width >= NARROW;
  for (const link of linksOf(world)) showLink(link, isLabelled);
  showTable();
}

new ResizeObserver(() => world && showMap(world)).observe(byId("map"));
