// Where in the folders one is: the way here, the folders inside, and what can be done to them.

import { button, byId, element, name } from "./dom.js";
import { go, here, to } from "./place.js";
import { asked } from "./question.js";

export class Folders {
  #api;
  #changed;
  #turn = 0; // of the last question: answers to earlier ones come too late
  #list = byId("folders");

  /** `changed()` is called when the folder that is shown stays, and what is in it does not. */
  constructor(api, changed) {
    this.#api = api;
    this.#changed = changed;
    this.rename = button("Rename", () => this.#rename(), "plain small");
    this.remove = button("Delete folder", () => this.#delete(), "plain small danger");
    byId("folder-actions").replaceChildren(button("New folder", () => this.#create(), "plain small"), this.rename, this.remove);
  }

  end() {
    this.#turn++;
    this.#list.replaceChildren();
    byId("folder-actions").replaceChildren();
  }

  /** Show the way to the folder one is in, and those inside it. */
  async show() {
    const turn = ++this.#turn;
    const { folder } = here();
    this.rename.hidden = this.remove.hidden = !folder;
    const path = element("p", { className: "path" }, crumbs(folder));
    this.#list.replaceChildren(path);
    const inner = await this.#api.folders(folder).catch(() => []);
    if (turn !== this.#turn || !inner.length) return;
    const chips = inner.map((each) => element("li", {}, link(each.path, name(each.name), false)));
    this.#list.replaceChildren(path, element("ul", { className: "chips" }, chips));
  }

  async #create() {
    const { folder } = here();
    const label = element("label", {}, "Name", element("input", { name: "name", required: true, dir: "auto" }));
    const act = (said) => this.#api.createFolder(folder ? `${folder}/${said.name.trim()}` : said.name.trim());
    if ((await asked("New folder", { detail: folder && ["Inside ", name(folder)], inputs: [label], yes: "Create", act })) === "done") this.#changed();
  }

  async #rename() {
    const { folder } = here();
    const input = element("input", { name: "path", value: folder, required: true, dir: "auto" });
    let path = folder;
    const act = async (said) => {
      path = said.path.trim().replace(/^\/+|\/+$/g, "");
      if (path !== folder) await this.#api.renameFolder(folder, path);
    };
    const detail = "Another path moves the folder, with all that is in it.";
    if ((await asked("Rename this folder", { detail, inputs: [element("label", {}, "Path", input)], yes: "Rename", act })) === "done" && path !== folder) {
      go({ folder: path });
    }
  }

  async #delete() {
    const { folder } = here();
    const detail = [name(folder), " and the folders in it. Only folders without assets can be deleted."];
    const act = () => this.#api.deleteFolder(folder);
    const became = await asked("Delete this folder?", { detail, yes: "Delete", isDanger: true, act });
    if (became === "done") go({ folder: folder.split("/").slice(0, -1).join("/") });
  }
}

const link = (path, label, isHere) => element("a", { href: to({ folder: path, asset: "" }), aria: isHere ? { current: "page" } : {} }, label);

function crumbs(folder) {
  const steps = folder.split("/").filter(Boolean);
  const path = [link("", "All assets", !folder)];
  steps.forEach((step, at) => {
    path.push(element("span", { aria: { hidden: "true" } }, "/"));
    path.push(link(steps.slice(0, at + 1).join("/"), name(step), at === steps.length - 1));
  });
  return path;
}
