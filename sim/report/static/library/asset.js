// One asset: seen through transformations, described, renamed, downloaded, deleted.

import { assetForm } from "./assetform.js";
import { button, byId, bytes, copyButton, counted, element, moment, name } from "./dom.js";
import { here, go } from "./place.js";
import { Preview } from "./preview.js";
import { asked } from "./question.js";
import { urlOf } from "./urls.js";

/** The dialog. `changed()` is called when it is closed and the grid no longer shows what is there. */
export class AssetView {
  #api;
  #changed;
  #isDirty = false;
  #preview = null;
  #dialog = byId("asset");

  constructor(api, changed) {
    this.#api = api;
    this.#changed = changed;
    this.#dialog.onclose = () => {
      this.#preview?.end();
      this.#preview = null;
      if (here().asset) go({ asset: "" });
      if (this.#isDirty) this.#changed();
      this.#isDirty = false;
    };
  }

  close() {
    if (this.#dialog.open) this.#dialog.close();
  }

  /** Open what is there under an asset id. */
  async show(id) {
    const close = () => button("✕", () => this.close(), "plain close");
    this.#dialog.replaceChildren(element("div", { className: "title" }, element("h2", { id: "asset-title" }, "…"), close()));
    if (!this.#dialog.open) this.#dialog.showModal();
    try {
      const [asset, fields] = await Promise.all([this.#api.asset(id), this.#api.fields()]);
      if (here().asset === id) this.#fill(asset, fields);
    } catch (refused) {
      this.#dialog.append(element("p", { className: "error", role: "alert" }, refused.message));
    }
    this.#dialog.querySelector(".close").setAttribute("aria-label", "Close");
  }

  #fill(asset, fields) {
    this.#preview?.end();
    this.#preview = new Preview(asset, this.#api.secret);
    const title = this.#dialog.querySelector("#asset-title");
    title.replaceChildren(name(asset.display_name || asset.public_id));
    const save = async (said) => {
      const updated = await this.#api.update(asset.asset_id, said);
      title.replaceChildren(name(updated.display_name || updated.public_id));
      this.#isDirty = true;
      return updated;
    };
    const about = element("div", { className: "about" }, this.#actions(asset), facts(asset), assetForm(asset, fields, save), this.#derived(asset));
    this.#dialog.append(element("div", { className: "columns" }, this.#preview.element, about));
    this.#preview.show();
  }

  #actions(asset) {
    const error = element("p", { className: "error", role: "alert" });
    const trying = (action) => async () => {
      error.textContent = "";
      try {
        await action();
      } catch (refused) {
        error.textContent = refused.message;
      }
    };
    const to = element("input", { name: "to", value: asset.public_id, required: true, spellcheck: false, dir: "auto", aria: { label: "New public id" } });
    const renaming = element("form", { className: "renaming", hidden: true }, to, element("button", {}, "Rename"));
    renaming.onsubmit = (event) => (event.preventDefault(), trying(() => this.#rename(asset, to.value.trim()))());
    const open = () => ((renaming.hidden = !renaming.hidden), renaming.hidden || to.select());
    return element(
      "div",
      {},
      element(
        "div",
        { className: "row" },
        button("Download", trying(() => download(asset)), "plain"),
        button("Rename", open, "plain"),
        button("Delete", trying(() => this.#delete(asset)), "plain danger"),
      ),
      renaming,
      error,
    );
  }

  async #rename(asset, publicId) {
    await this.#api.rename(asset, publicId);
    this.#isDirty = true;
    await this.show(asset.asset_id);
  }

  async #delete(asset) {
    const detail = [name(asset.public_id), " and everything derived from it will be gone."];
    const act = () => this.#api.remove([asset.asset_id]);
    if ((await asked("Delete this asset?", { detail, yes: "Delete", isDanger: true, act })) !== "done") return;
    this.#isDirty = true;
    this.close();
  }

  #derived(asset) {
    const list = element("ul", { className: "derived" });
    const more = button("Show more", () => next(more.dataset.cursor), "plain");
    const error = element("p", { className: "error", role: "alert" });
    const add = (page) => {
      list.append(...page.derived.map(derivedRow));
      more.dataset.cursor = page.derived_next_cursor ?? "";
      more.hidden = !page.derived_next_cursor;
    };
    const next = (cursor) => this.#api.asset(asset.asset_id, cursor).then(add, (refused) => (error.textContent = refused.message));
    add(asset);
    const title = asset.derived_next_cursor ? "Derived files" : counted(asset.derived.length, "derived file");
    return element("section", {}, element("h3", {}, title), list, more, error);
  }
}

function derivedRow(derived) {
  const link = element("a", { href: urlOf(derived), target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, derived.transformation || "(original)");
  return element("li", {}, link, element("span", { className: "quiet" }, `${derived.format} · ${bytes(derived.bytes)}`), copyButton(() => urlOf(derived), "Copy"));
}

function facts(asset) {
  const told = {
    "Public id": name(asset.public_id),
    Kind: `${asset.resource_type} / ${asset.type}${asset.format ? ` / ${asset.format}` : ""}`,
    Size: [asset.width && `${asset.width} × ${asset.height}`, bytes(asset.bytes), asset.duration && `${asset.duration} s`].filter(Boolean).join(" · "),
    Created: moment(asset.created_at),
    Version: String(asset.version),
    "Asset id": asset.asset_id,
  };
  return element("dl", {}, Object.entries(told).map(([label, value]) => element("div", {}, element("dt", {}, label), element("dd", {}, value))));
}

/** Save the file as it was uploaded: fetched, since a link to another host cannot ask to be saved. */
async function download(asset) {
  const response = await fetch(urlOf(asset), { credentials: "omit" });
  if (!response.ok) throw new Error(response.headers.get("X-Cld-Error") ?? `Status ${response.status}`);
  const file = asset.public_id.split("/").pop() + (asset.format && asset.resource_type !== "raw" ? `.${asset.format}` : "");
  const saved = URL.createObjectURL(await response.blob());
  element("a", { href: saved, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(saved), 60_000);
}
