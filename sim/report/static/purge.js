// Objects that every cache is to forget: by URL, or by the key or tag that they carry.

import { byId } from "./library/dom.js";
import { tell } from "./tell.js";

export function listenToPurge() {
  byId("purge").addEventListener("submit", (event) => {
    event.preventDefault();
    const what = byId("purge-what").value.trim();
    if (!what) return;
    const soft = byId("purge-soft").checked;
    tell("purge", { [byId("purge-by").value]: [what], soft }, `Purge ${what}`);
  });
}
