// Where in the library one is: kept in the fragment, so that Back, Reload and a link work. Never a key.

const NAMES = ["folder", "q", "type", "sort", "asset"];

export function here() {
  const told = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(NAMES.map((name) => [name, told.get(name) ?? ""]));
}

/** The fragment of a place that differs from this one as told. */
export function to(changes) {
  const place = { ...here(), ...changes };
  return `#${new URLSearchParams(NAMES.filter((name) => place[name]).map((name) => [name, place[name]]))}`;
}

export function go(changes) {
  location.hash = to(changes);
}

/** The key that a link of this machine brought along, taken out of the address and of the history. */
export function broughtKey() {
  const told = new URLSearchParams(location.hash.slice(1));
  if (!told.has("secret")) return null;
  const brought = Object.fromEntries(["cloud", "key", "secret"].map((name) => [name, told.get(name) ?? ""]));
  history.replaceState(null, "", location.pathname);
  return brought;
}
