// Structured metadata of an asset: a control for each field of the cloud, fit for its type.

import { element } from "./dom.js";

const LONG = 12; // from here on a list of values is filtered by typing

/** A control: `{element, value()}`; a value is text, a list of texts, or null. */
function single(field, value, properties) {
  const input = element("input", { value: value ?? "", dir: "auto", ...properties });
  return { input, value: () => input.value.trim() || null };
}

function bounds(validation) {
  const rules = validation?.type === "and" ? validation.rules.map(bounds) : [];
  const found = Object.assign({}, ...rules);
  if (validation?.type === "strlen") Object.assign(found, validation.max && { maxLength: validation.max }, validation.min && { minLength: validation.min });
  if (validation?.type === "greater_than" && validation.equals) found.min = validation.value;
  if (validation?.type === "less_than" && validation.equals) found.max = validation.value;
  return found;
}

/** The values of a datasource that can be chosen, and those the asset has though nobody can choose them any more. */
function choices(field, has) {
  return field.datasource.values.filter((each) => each.state === "active" || has.includes(each.external_id));
}

const label = (entry) => (entry.state === "active" ? entry.value : `${entry.value} (no longer offered)`);

function enumeration(field, value) {
  const options = choices(field, [value]).map((each) => element("option", { value: each.external_id, selected: each.external_id === value }, label(each)));
  const input = element("select", {}, element("option", { value: "" }, "—"), options);
  return { input, value: () => input.value || null };
}

function set(field, value) {
  const has = value ?? [];
  const boxes = choices(field, has).map((each) => {
    const box = element("input", { type: "checkbox", value: each.external_id, checked: has.includes(each.external_id) });
    return element("label", { className: "check" }, box, element("bdi", {}, label(each)));
  });
  const list = element("div", { className: "set" }, boxes);
  const filter = element("input", { type: "search", placeholder: "Filter", aria: { label: `Filter ${field.label}` } });
  filter.oninput = () => {
    const wanted = filter.value.trim().toLocaleLowerCase();
    for (const box of boxes) box.hidden = !box.textContent.toLocaleLowerCase().includes(wanted);
  };
  filter.onkeydown = (event) => event.key === "Enter" && event.preventDefault();
  const input = element("fieldset", {}, element("legend", {}, field.label), boxes.length > LONG ? filter : null, list);
  const chosen = () => [...list.querySelectorAll(":checked")].map((box) => box.value);
  return { input, isLabelled: true, value: () => (chosen().length ? chosen() : null) };
}

const KINDS = {
  string: (field, value) => single(field, value, { type: "text", ...bounds(field.validation) }),
  integer: (field, value) => single(field, value, { type: "number", step: 1, ...bounds(field.validation) }),
  date: (field, value) => single(field, value, { type: "date", ...bounds(field.validation) }),
  enum: enumeration,
  set,
};

/** Controls for all fields that people are shown: `element` (null without any) and their `changes()`. */
export class Metadata {
  #controls;

  constructor(fields, values = {}) {
    const shown = fields.filter((field) => !field.restrictions?.hidden_ui);
    this.#controls = shown.map((field) => this.#control(field, values[field.external_id]));
    this.element = shown.length ? element("section", { className: "metadata" }, element("h3", {}, "Metadata"), this.#controls.map((each) => each.element)) : null;
  }

  #control(field, value) {
    const made = KINDS[field.type](field, value);
    made.input.disabled = field.restrictions?.readonly_ui ?? false;
    made.input.dataset.field = field.external_id;
    if (field.mandatory && value !== undefined && "required" in made.input) made.input.required = true;
    const text = field.mandatory ? `${field.label} (required)` : field.label;
    return { id: field.external_id, element: made.isLabelled ? made.input : element("label", {}, text, made.input), value: made.value, before: JSON.stringify(made.value()) };
  }

  /** What was changed, as an update says it; null takes a value away. */
  changes() {
    const changed = this.#controls.filter((each) => JSON.stringify(each.value()) !== each.before);
    return changed.length ? { metadata: Object.fromEntries(changed.map((each) => [each.id, each.value()])) } : {};
  }
}
