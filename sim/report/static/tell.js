// Commands to the world, and the line that says what came of them.

import { byId } from "./library/dom.js";

function say(text, isBad) {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("bad", isBad);
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
  say(`${what} …`, false);
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
