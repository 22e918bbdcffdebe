// Viewers of all regions, called in and sent away.

import { byId } from "./library/dom.js";
import { tell } from "./tell.js";
import { latency, percent } from "./words.js";

export function listenToTraffic() {
  byId("traffic").addEventListener("submit", (event) => {
    event.preventDefault();
    tell("traffic", { rate: byId("traffic-rate").valueAsNumber }, "Start traffic");
  });
  byId("traffic-stop").addEventListener("click", () => tell("traffic", { rate: 0 }, "Stop traffic"));
}

export function showTraffic({ traffic }) {
  const said = traffic.rate ? [`${traffic.rate} requests a second`] : ["no viewers"];
  if (traffic.requests) {
    said.push(`${traffic.requests} answered, ${traffic.failures} failed`, `95 % within ${latency({ ms: traffic.p95_ms })}`);
    if (traffic.by_edges !== null) said.push(`${percent(traffic.by_edges)} by edges alone`);
  }
  byId("traffic-told").textContent = said.join(", ");
}
