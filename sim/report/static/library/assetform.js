// What is said of an asset, to be edited: display name, folder, tags, context and structured metadata.

import { element } from "./dom.js";
import { Metadata } from "./metadata.js";

/** Lines of `key = value` as an object; throws what is wrong with a line. */
export function contextOf(lines) {
  const pairs = lines.split("\n").filter((line) => line.trim());
  return Object.fromEntries(
    pairs.map((line) => {
      const at = line.indexOf("=");
      if (!line.slice(0, Math.max(at, 0)).trim()) throw new Error(`Context: write key = value, not ${line.trim()}`);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/**
 * A form of an asset and of the fields that its cloud has. `save(said)` tells the API and resolves to the asset as it is
 * then; what it refuses is shown.
 */
export function assetForm(asset, fields, save) {
  const context = Object.entries(asset.context?.custom ?? {}).map(([key, value]) => `${key} = ${value}`);
  const told = element("p", { className: "told", role: "status" });
  const error = element("p", { className: "error", role: "alert" });
  const input = (label, name, value) => element("label", {}, label, element("input", { name, value, type: "text", dir: "auto" }));
  let metadata = new Metadata(fields, asset.metadata);
  const form = element(
    "form",
    { className: "said" },
    "display_name" in asset ? input("Display name", "display_name", asset.display_name) : null,
    "asset_folder" in asset ? input("Folder", "asset_folder", asset.asset_folder) : null,
    input("Tags, separated by commas", "tags", (asset.tags ?? []).join(", ")),
    element("label", {}, "Context, a line each", element("textarea", { name: "context", rows: Math.max(2, context.length), value: context.join("\n"), placeholder: "alt = A cat on a wall", dir: "auto" })),
    metadata.element,
    element("div", { className: "row" }, element("button", {}, "Save"), told),
    error,
  );
  form.oninput = () => (told.textContent = "");
  form.onsubmit = async (event) => {
    event.preventDefault();
    told.textContent = error.textContent = "";
    try {
      const updated = await save({ ...changes(form), ...metadata.changes() });
      for (const field of form.elements) if (field.name) field.defaultValue = field.value;
      metadata = replaced(metadata, new Metadata(fields, updated.metadata)); // rules may have given values more
      told.textContent = "Saved";
    } catch (refused) {
      error.textContent = refused.message;
    }
  };
  return form;
}

/** One set of controls in the place of another. The focus stays where it is. */
function replaced(old, now) {
  const held = old.element?.contains(document.activeElement) ? document.activeElement.dataset.field : null;
  old.element?.replaceWith(now.element);
  if (held) now.element.querySelector(`[data-field="${CSS.escape(held)}"]`)?.focus();
  return now;
}

/** Only what was changed: what others have said meanwhile stays. */
function changes(form) {
  const said = {};
  for (const field of form.elements) {
    if (!field.name || field.value === field.defaultValue) continue;
    if (field.name === "tags") said.tags = field.value.split(",").map((tag) => tag.trim()).filter(Boolean);
    else said[field.name] = field.name === "context" ? contextOf(field.value) : field.value.trim();
  }
  return said;
}
