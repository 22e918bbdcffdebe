// All that is not as it should be, in one sentence: what a look at the whole page would find.

import { byId, counted } from "./library/dom.js";

const MOST = 6; // that are named

const nodeTroubles = ({ nodes }) =>
  nodes
    .filter(({ health, draining }) => draining || !["ready", "standby"].includes(health))
    .map(({ name, health, draining }) => `${name} ${health === "ready" && draining ? "draining" : health}`);

const linkTroubles = ({ with_links, links }) =>
  (with_links ? links : [])
    .filter(({ count, state }) => count && state !== "whole")
    .map(({ ends, state }) => `${ends.join(" ↔ ")} ${state}`);

/** Nothing is said again while it stays so: it is read out when it changes. */
export function showHealth(world) {
  const troubles = [...nodeTroubles(world), ...linkTroubles(world)];
  const wanted = world.nodes.filter(({ health }) => health !== "standby").length;
  const unnamed = troubles.splice(MOST).length;
  const said = troubles.length
    ? `Not as it should be: ${troubles.join(", ")}${unnamed ? `, and ${unnamed} more` : ""}.`
    : `${counted(wanted, "node is", "nodes are")} ready, every link as in the topology.`;
  const line = byId("health");
  if (line.textContent !== said) line.textContent = said;
  line.dataset.state = troubles.length ? "bad" : "good";
}
