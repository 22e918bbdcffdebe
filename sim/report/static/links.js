// The links between regions, and those of viewers: how long and how well they are, what flows on them, and what can be
// done to them.

import { button, byId, bytes, counted, element } from "./library/dom.js";
import { tell } from "./tell.js";

const SLOW_SECONDS = 0.3;
const STATES = { whole: "as in the topology", changed: "changed", cut: "cut" };
const rows = new Map(); // name → the parts of its row

const isAccess = (ends) => ends[1] === "access";
const placeOf = (end) => end.replace("viewers.", "viewers in ");
const titleOf = (ends) => (isAccess(ends) ? `${placeOf(ends[0])}, each online` : ends.map(placeOf).join(" ↔ "));

function makeRow({ ends, count }) {
  const title = titleOf(ends);
  const act = (action, label, told) => {
    const made = button(label, () => tell("links", { ends, ...told }, `${label} ${title}`));
    made.dataset.action = action;
    made.setAttribute("aria-label", `${label} ${title}`);
    return made;
  };
  const state = element("span", { className: "state" });
  const trip = element("span", { className: "rate" });
  const flow = element("div", { className: "flow" });
  const terms = element("div", { className: "more" });
  const buttons = count
    ? [
        act("cut", "Cut", { terms: { cut: true } }),
        act("slow", "Slow (300 ms)", { heal: true, terms: { rtt_seconds: SLOW_SECONDS } }),
        act("heal", "Heal", { heal: true }),
      ]
    : [];
  const row = element(
    "div",
    { className: "link", data: { link: ends.join("--") } },
    element("span", { className: "name" }, title),
    trip,
    state,
    flow,
    terms,
    element("div", { className: "actions" }, ...buttons),
  );
  return { row, state, trip, flow, terms, count };
}

function showLink(list, link) {
  const name = link.ends.join("--");
  const before = rows.get(name);
  // links are known once their nodes have told of them: till then there is nothing to press
  const parts = before?.count === link.count ? before : makeRow(link);
  if (before && before !== parts) before.row.replaceWith(parts.row);
  if (!before) byId(list).append(parts.row);
  rows.set(name, parts);
  parts.row.dataset.state = link.state;
  parts.state.textContent = link.count ? STATES[link.state] : "nobody asks across it";
  parts.trip.textContent = `${link.rtt_ms} ms`;
  const flows = Object.entries(link.toward).map(([end, rate]) => `to ${titleOf([end])} ${bytes(rate)}/s`);
  parts.flow.textContent = link.count ? flows.join(", ") : "";
  const ways = isAccess(link.ends) ? "" : `${counted(link.count, "way in", "ways in")} use: `;
  parts.terms.textContent = link.count ? `${ways}${link.terms.join("; ")}` : "";
}

function forget(links) {
  const left = new Set(links.map((link) => link.ends.join("--")));
  for (const [name, { row }] of rows) {
    if (left.has(name)) continue;
    row.remove();
    rows.delete(name);
  }
}

export function showLinks(world) {
  byId("viewers").hidden = !world.with_links;
  if (!world.with_links) {
    byId("links").textContent = "Links are switched off: every node is next door.";
    return;
  }
  byId("links-none").hidden = world.links.length > 0;
  forget([...world.links, ...world.viewers_links, ...world.access_lines]);
  for (const link of world.links) showLink("links", link);
  for (const link of world.viewers_links) showLink("viewers-links", link);
  for (const link of world.access_lines) showLink("access-lines", link);
}
