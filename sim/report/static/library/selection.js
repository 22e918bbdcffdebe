// Which of the assets that are shown are selected, and what is done to all of them.

import { button, byId, counted, element } from "./dom.js";
import { deleteAll, moveAll, tagAll } from "./bulk.js";

export class Selection {
  #api;
  #changed;
  #isFixed;
  #bar = byId("selection");
  #grid = byId("grid");
  #assets = new Map(); // asset id → asset, of those selected
  #shown = new Map(); // asset id → asset, of all that can be
  #listing = null;
  #last = null; // the box that a range begins at
  #listening = new AbortController();

  /** `changed()` is called when something was done to assets. */
  constructor(api, isFixed, changed) {
    this.count = element("p", { role: "status" });
    this.#api = api;
    this.#isFixed = isFixed;
    this.#changed = changed;
    this.#bar.replaceChildren(
      this.count,
      button("Tag", () => this.#do(tagAll), "plain small"),
      button("Move", () => this.#do(moveAll), "plain small"),
      button("Delete", () => this.#do(deleteAll), "plain small danger"),
      button("Select all shown", () => this.#all(), "plain small"),
      button("Clear", () => this.clear(), "plain small"),
    );
    const { signal } = this.#listening;
    this.#grid.addEventListener("click", (event) => event.target.matches(".pick input") && this.#picked(event), { signal });
    addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  end() {
    this.#listening.abort();
    this.clear();
  }

  /** A listing is shown from its beginning: of the same one as before, what is selected stays so. */
  begin(listing) {
    if (listing !== this.#listing) this.clear();
    this.#listing = listing;
    this.#shown.clear();
  }

  /** The box by which an asset, newly shown, is selected; `read` has to be called once it is in its place. */
  box(asset) {
    this.#shown.set(asset.asset_id, asset);
    const checked = this.#assets.has(asset.asset_id);
    const input = element("input", { type: "checkbox", value: asset.asset_id, checked, aria: { label: `Select ${asset.display_name || asset.public_id}` } });
    return element("label", { className: "pick" }, input);
  }

  clear() {
    for (const box of this.#boxes()) box.checked = false;
    this.read();
  }

  #boxes() {
    return [...this.#grid.querySelectorAll(".pick input")];
  }

  #all() {
    for (const box of this.#boxes()) box.checked = true;
    this.read();
  }

  /** With Shift, all from the last one picked to this one become like this one. */
  #picked({ target, shiftKey }) {
    const boxes = this.#boxes();
    const ends = [boxes.indexOf(this.#last), boxes.indexOf(target)].sort((one, other) => one - other);
    if (shiftKey && ends[0] >= 0) for (const box of boxes.slice(ends[0], ends[1] + 1)) box.checked = target.checked;
    this.#last = target;
    this.read();
  }

  #key(event) {
    const isTyping = event.target.matches?.("input:not([type=checkbox]), textarea, select");
    if (isTyping || document.querySelector("dialog[open]") || event.altKey) return;
    const isAll = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a";
    if (isAll && this.#shown.size) this.#all();
    else if (event.key === "Escape" && this.#assets.size) this.clear();
    else if (event.key === "Delete" && this.#assets.size) this.#do(deleteAll);
    else return;
    event.preventDefault();
  }

  /** See what is selected. */
  read() {
    const checked = this.#boxes().filter((box) => box.checked);
    this.#assets = new Map(checked.map((box) => [box.value, this.#shown.get(box.value)]));
    if (!checked.length) this.#last = null;
    if (!checked.length && this.#bar.contains(document.activeElement)) byId("count").focus();
    this.#bar.hidden = !checked.length;
    this.count.textContent = checked.length ? `${counted(checked.length, "asset")} selected` : "";
  }

  async #do(action) {
    const told = await action(this.#api, [...this.#assets.values()], this.#isFixed);
    if (told === null) return;
    if (told) this.clear();
    byId("count").focus();
    await this.#changed();
    byId("told").textContent = told;
  }
}
