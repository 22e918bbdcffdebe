// The links between regions: how long and how well they are, and what can be done to them.

import { button, byId, counted, element } from "./library/dom.js";
import { tell } from "./tell.js";

const SLOW_SECONDS = 0.3;
const STATES = { whole: "as in the topology", changed: "changed", cut: "cut" };
const rows = new Map(); // name → the parts of its row

function makeRow({ ends, count }) {
  const title = ends.join(" ↔ ");
  const act = (action, label, told) => {
    const made = button(label, () => tell("links", { ends, ...told }, `${label} ${title}`));
    made.dataset.action = action;
    made.setAttribute("aria-label", `${label} ${title}`);
    return made;
  };
  const state = element("span", { className: "state" });
  const trip = element("span", { className: "rate" });
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
    terms,
    element("div", { className: "actions" }, ...buttons),
  );
  return { row, state, trip, terms, count };
}

function showLink(link) {
  const name = link.ends.join("--");
  const before = rows.get(name);
  // links are known once their nodes have told of them: till then there is nothing to press
  const parts = before?.count === link.count ? before : makeRow(link);
  if (before && before !== parts) before.row.replaceWith(parts.row);
  if (!before) byId("links").append(parts.row);
  rows.set(name, parts);
  parts.row.dataset.state = link.state;
  parts.state.textContent = link.count ? STATES[link.state] : "nobody asks across it";
  parts.trip.textContent = `${link.rtt_ms} ms`;
  parts.terms.textContent = link.count ? `${counted(link.count, "way in", "ways in")} use: ${link.terms.join("; ")}` : "";
}

export function showLinks(world) {
  if (world.with_links) world.links.forEach(showLink);
  else byId("links").textContent = "Links are switched off: every node is next door.";
}
