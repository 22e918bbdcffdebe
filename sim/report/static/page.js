// The control room of a running world: shows what it is told once a second, and tells it what to do.

import { follow } from "./follow.js";
import { showHealth } from "./health.js";
import { byId } from "./library/dom.js";
import { showLinks } from "./links.js";
import { showMap } from "./map.js";
import { showNodes } from "./nodes.js";
import { showPhotographs, showRegions } from "./photographs.js";
import { listenToPurge } from "./purge.js";
import { listenToScenario, showScenario } from "./scenario.js";
import { listenToTraffic, showTraffic } from "./traffic.js";

let world = null;

/** Why nothing is heard of the world, in words; what is shown is how it was, then. */
function isLost(why) {
  const said = why && world ? `${why} What is shown is how it was.` : why;
  if (byId("lost").textContent !== said) byId("lost").textContent = said;
  document.body.classList.toggle("lost", Boolean(why));
}

/** All that there is, as it is now. Nodes, links and regions may come and go meanwhile. */
export function show(picture) {
  const isFirst = world === null;
  world = picture;
  if (location.protocol === "https:" && world.secure_front) world.front = world.secure_front;
  isLost("");
  const front = byId("front");
  front.textContent = front.href = world.front;
  showHealth(world);
  showMap(world);
  showNodes(world);
  showLinks(world);
  showTraffic(world);
  showScenario(world);
  if (isFirst) showPhotographs(() => world);
  showRegions(world);
}

listenToPurge();
listenToTraffic();
listenToScenario();
follow(show, isLost);
