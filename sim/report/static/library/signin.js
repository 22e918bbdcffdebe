// Who is signed in: kept in this tab's sessionStorage, checked against the API.

import { Api } from "./api.js";
import { byId } from "./dom.js";

const KEPT = "pixeledge.library";

export const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "null");

export function signOut() {
  sessionStorage.removeItem(KEPT);
}

/** The API as its owner, if these are the keys of a cloud; throws what the API says of them. */
export async function signedIn(front, keys) {
  const api = new Api(front, keys);
  await api.config();
  sessionStorage.setItem(KEPT, JSON.stringify(keys));
  return api;
}

/** Shows the form until it is filled in with what the API takes. `error`: why it is shown at all. */
export function ask(world, error = "") {
  const section = byId("sign-in");
  const form = section.querySelector("form");
  const told = form.querySelector(".error");
  form.reset();
  form.cloud.value = world.cloud;
  form.key.value = world.api_key;
  told.textContent = error;
  section.hidden = false;
  form.secret.focus();
  return new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      told.textContent = "";
      const keys = { cloud: form.cloud.value.trim(), key: form.key.value.trim(), secret: form.secret.value.trim() };
      try {
        const api = await signedIn(world.front, keys);
        form.reset();
        section.hidden = true;
        resolve(api);
      } catch (refused) {
        told.textContent = refused.message;
      }
    };
  });
}
