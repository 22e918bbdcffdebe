// Elements and words. Text is always put in as text: names and tags are whatever people have typed.

export const byId = (id) => document.getElementById(id);

/** An element with properties (`data`, `aria` and `role` among them) and children; null children are left out. */
export function element(tag, { data = {}, aria = {}, role, ...properties } = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  if (role) made.setAttribute("role", role);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** A name in a direction of its own, so that it cannot turn what stands around it. */
export const name = (text, className = "") => element("bdi", { className, title: text }, text);

export const button = (label, onclick, className = "") => element("button", { type: "button", className, onclick }, label);

/** A button that copies what `text()` gives when it is pressed, and says so. */
export function copyButton(text, label = "Copy URL") {
  const made = button(label, async () => {
    try {
      await navigator.clipboard.writeText(text());
      made.textContent = "Copied";
    } catch {
      made.textContent = "Cannot copy here";
    }
    setTimeout(() => (made.textContent = label), 1500);
  });
  made.className = "plain copy";
  return made;
}

export function bytes(count) {
  if (count < 1e3) return `${count} B`;
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

export const moment = (iso) => new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : many}`;
