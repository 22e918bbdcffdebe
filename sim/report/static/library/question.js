// Questions in a dialog: what is to be done is done while it is open, and what is refused is told in it.

import { button, byId, element } from "./dom.js";

/**
 * Ask until it is answered or done. `act(values, tell)` is called with what the inputs hold by their names, and may tell
 * how far it is; the dialog closes when it has ended, and shows what it threw. Resolves to "done", to "tried" when all
 * that it did was refused, or in part, and to "" when it was not called.
 */
export function asked(question, { detail = null, inputs = [], yes, isDanger = false, act = () => {} }) {
  const dialog = byId("question");
  const told = element("p", { className: "told", role: "status" });
  const error = element("p", { className: "error", role: "alert" });
  const cancel = button("Cancel", () => dialog.close(), "plain");
  const form = element(
    "form",
    { className: "said" },
    detail && element("p", {}, detail),
    inputs,
    error,
    element("div", { className: "row" }, told, cancel, element("button", { className: isDanger ? "danger" : "" }, yes)),
  );
  let isBusy = false;
  let became = "";
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    const values = Object.fromEntries(new FormData(form));
    error.textContent = "";
    isBusy = cancel.disabled = true;
    try {
      await act(values, (words) => (told.textContent = words));
      became = "done";
    } catch (refused) {
      became = "tried";
      error.textContent = refused.message;
    }
    told.textContent = "";
    isBusy = cancel.disabled = false;
    if (became === "done") dialog.close();
  };
  dialog.oncancel = (event) => {
    if (isBusy) event.preventDefault(); // Escape
  };
  dialog.replaceChildren(element("h2", { id: "question-title" }, question), form);
  dialog.setAttribute("aria-labelledby", "question-title");
  dialog.showModal();
  form.querySelector("input:not([type=radio])")?.select();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(became), { once: true }));
}
