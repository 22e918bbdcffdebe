// The media library: signs in, then shows where one is.

import { AssetView } from "./asset.js";
import { byId } from "./dom.js";
import { Grid } from "./grid.js";
import { broughtKey, go, here, to } from "./place.js";
import { ask, kept, signedIn, signOut } from "./signin.js";
import { Uploads } from "./uploads.js";

async function entered(world) {
  const keys = broughtKey() ?? kept();
  if (!keys) return ask(world);
  try {
    return await signedIn(world.front, keys);
  } catch (refused) {
    signOut();
    return ask(world, refused.message);
  }
}

/** Runs the library of one cloud until its user signs out. */
async function stay(api) {
  const { settings } = await api.config();
  const isFixed = settings.folder_mode === "fixed";
  const grid = new Grid(api, isFixed);
  const refresh = () => grid.show();
  const view = new AssetView(api, refresh);
  const uploads = new Uploads(api, isFixed, refresh);
  const form = byId("search");
  let shown = null;

  const show = () => {
    const place = here();
    for (const name of ["q", "type", "sort"]) form[name].value = place[name];
    const listed = to({ asset: "" });
    if (listed !== shown) refresh();
    shown = listed;
    if (place.asset) view.show(place.asset);
    else view.close();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const wanted = { q: form.q.value.trim(), type: form.type.value, sort: form.sort.value, asset: "" };
    if (to(wanted) === location.hash || (to(wanted) === "#" && !location.hash)) refresh();
    else go(wanted);
  };
  form.type.onchange = form.sort.onchange = () => form.requestSubmit();
  byId("where").textContent = `Media library of ${api.cloud}`;
  for (const id of ["library", "signed-in"]) byId(id).hidden = false;
  addEventListener("hashchange", show);
  show();

  await new Promise((resolve) => (byId("sign-out").onclick = resolve));
  removeEventListener("hashchange", show);
  signOut();
  view.close();
  uploads.end();
  grid.end();
  byId("grid").replaceChildren();
  byId("where").textContent = "Media library";
  for (const id of ["library", "signed-in"]) byId(id).hidden = true;
  history.replaceState(null, "", location.pathname);
}

const world = await (await fetch("../state")).json();
for (;;) await stay(await entered(world));
