// The nodes, region by region: how each is, and what can be done to it.

import { button, byId, bytes, element } from "./library/dom.js";
import { tell } from "./tell.js";
import { latency, percent } from "./words.js";

const ACTIONS = [
  ["restart", "Restart", "let it finish what is under way, and run it again"],
  ["crash", "Kill", "gone at once; it is run again"],
  ["die", "Die", "gone at once, and not back before it is started"],
  ["stop", "Stop", "let it finish, and keep it down"],
  ["start", "Start", "run it again"],
  ["freeze", "Freeze", "it does nothing more, and what it holds stays open"],
  ["thaw", "Thaw", "it goes on"],
];
const rows = new Map(); // name → the parts of its row
const sections = new Map(); // region → its section
const pools = new Map(); // name → its line

const text = (words, className = "") => element("span", { className }, words);
const asked = ({ asks, then }) => (asks ? `, asks ${asks}${then ? `, and ${then} where that fails` : ""}` : "");

/** Read out on its own, a button says whom it is about. */
function label(made, words, node) {
  if (made.textContent === words) return;
  made.textContent = words;
  made.setAttribute("aria-label", `${words} ${node.name}`);
}

function makeRow(node) {
  const dot = text("", "dot");
  const rate = text("", "rate");
  const more = element("div", { className: "more" });
  const what = text(`${node.kind}${asked(node)}`, "what");
  const summary = element("summary", { aria: { label: `Operate ${node.name}` } }, "Operate");
  const buttons = Object.fromEntries(
    ACTIONS.map(([action, words, title]) => {
      const made = button("", () => tell("operate", { node: node.name, action }, `${words} ${node.name}`));
      label(made, words, node);
      made.title = title;
      made.dataset.action = action;
      return [action, made];
    }),
  );
  const parts = { dot, rate, more, summary, buttons, isDraining: node.draining };
  if (node.kind === "edge") {
    buttons.drain = button("", () => {
      const drain = !parts.isDraining;
      tell("adjust", { pop: node.name, drain }, drain ? `Drain ${node.name}` : `Fill ${node.name} again`);
    });
    buttons.drain.dataset.action = "drain";
    buttons.drain.title = "whether the balancer gives it new viewers";
  }
  const operate = element("details", {}, summary, element("div", { className: "actions" }, ...Object.values(buttons)));
  const name = element("span", { className: "name" }, `${node.name} `, what);
  parts.row = element("div", { className: "node", data: { node: node.name } }, dot, name, rate, more, operate);
  return parts;
}

/** A button that cannot be pressed now leaves the keyboard to the one that opened it. */
function allow(parts, action, isAllowed) {
  const pressed = parts.buttons[action];
  if (!isAllowed && pressed === document.activeElement) parts.summary.focus();
  pressed.disabled = !isAllowed;
}

function showNode(node) {
  const parts = rows.get(node.name);
  parts.dot.className = `dot ${node.health.replaceAll(" ", "-")}`;
  parts.dot.title = node.health;
  parts.rate.textContent = `${node.requests_per_second.toFixed(1)} /s`;
  const more = [text([node.health, ...node.reasons].join(": "), "health"), text(`${node.requests} requests`)];
  if (node.draining) more.push(text("draining", "draining"));
  if (node.hit_ratio !== null || node.cache_fill !== null) more.push(text(`hits ${percent(node.hit_ratio)}`));
  if (node.p50) more.push(text(`p50 ${latency(node.p50)}, p95 ${latency(node.p95)}`));
  if (node.cache_fill !== null) {
    const meter = element("meter", { value: node.cache_fill, aria: { label: "cache fill" } });
    more.push(element("span", {}, `cache ${bytes(node.cache_bytes)} `, meter));
  }
  if (node.restarts) more.push(text(`restarted ${node.restarts}×`));
  parts.more.replaceChildren(...more);
  const runs = node.pid !== null;
  for (const action of ["restart", "crash", "die", "stop", "freeze", "thaw"]) allow(parts, action, runs);
  allow(parts, "start", !runs);
  parts.isDraining = node.draining;
  if (parts.buttons.drain) label(parts.buttons.drain, node.draining ? "Fill again" : "Drain", node);
}

function showPool(pool, section) {
  if (!pools.has(pool.name)) pools.set(pool.name, text("", "pool"));
  const line = pools.get(pool.name);
  if (line.parentNode !== section) section.firstChild.after(line);
  const busy = pool.serving ? `, renders wait ${pool.queue_wait_ms} ms, workers ${percent(pool.utilisation)} busy` : "";
  const wanted = pool.wanted === pool.serving ? "" : `, ${pool.wanted} wanted`;
  const meanwhile = pool.stands_in_for.length ? `, while nothing is heard of ${pool.stands_in_for.join(" and ")}` : "";
  line.textContent = `${pool.name}: ${pool.serving} of ${pool.min} to ${pool.max} instances${wanted}${meanwhile}${busy}`;
}

/** The section of a region, made when its first node comes. */
function sectionOf(region) {
  if (!sections.has(region)) {
    const className = region ? "region" : "region front";
    sections.set(region, element("div", { className }, element("h3", {}, region || "the front door")));
  }
  return sections.get(region);
}

function forget(world) {
  const left = new Set(world.nodes.map((node) => node.name));
  for (const [name, { row }] of rows) {
    if (left.has(name)) continue;
    row.remove();
    rows.delete(name);
  }
}

/** Put these after one another below `parent`, behind what else is there; who is in place is left alone. */
function arrange(parent, children) {
  let next = null;
  for (const child of children.toReversed()) {
    if (child.parentNode !== parent || child.nextSibling !== next) parent.insertBefore(child, next);
    next = child;
  }
}

/** Rows are made once, so that what the keyboard is at stays where it is; then kept true. Nodes may come and go. */
export function showNodes(world) {
  forget(world);
  const shown = [];
  for (const region of ["", ...world.regions]) {
    const here = world.nodes.filter((node) => node.region === region);
    for (const node of here) if (!rows.has(node.name)) rows.set(node.name, makeRow(node));
    if (!here.length) continue;
    shown.push(sectionOf(region));
    world.pools.filter((pool) => pool.region === region).forEach((pool) => showPool(pool, sectionOf(region)));
    arrange(sectionOf(region), here.map((node) => rows.get(node.name).row));
  }
  for (const section of sections.values()) if (!shown.includes(section)) section.remove();
  arrange(byId("world"), shown);
  for (const node of world.nodes) if (rows.has(node.name)) showNode(node);
}
