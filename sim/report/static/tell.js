// Commands to the world, and the lines that say what came of the last few.

import { byId, element } from "./library/dom.js";

const KEPT = 3;

/** A line of the log that is kept true, by what is returned: whatever is added or changes is read out. */
function begin(words) {
  const log = byId("status");
  const line = element("p", {}, words);
  const show = () => {
    if (line.parentNode === log) return;
    log.append(line);
    while (log.children.length > KEPT) log.firstElementChild.remove();
  };
  show();
  return (text, isBad) => {
    line.textContent = text;
    line.classList.toggle("bad", isBad);
    show(); // others may have come since and taken its place
  };
}

/** What the nodes that could not be told said, in words; empty when all were. */
function troubles(answer) {
  return Object.entries(answer.nodes ?? {})
    .filter(([, outcome]) => outcome !== "ok")
    .map(([node, outcome]) => `${node}: ${outcome}`)
    .join("; ");
}

/** Post a command; `what` begins the sentence that tells of it. */
export async function tell(command, told, what) {
  const say = begin(`${what} …`);
  try {
    const response = await fetch(`/${command}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(told),
    });
    const answer = await response.json();
    const trouble = response.ok ? troubles(answer) : answer.error.message;
    say(trouble ? `${what}: ${trouble}` : `${what}: done`, Boolean(trouble));
  } catch {
    say(`${what}: this world does not answer`, true);
  }
}
