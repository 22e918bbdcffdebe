// Files on their way: dropped or picked, a few at a time, each with its progress and its end.

import { button, byId, bytes, counted, element, name } from "./dom.js";
import { here, to } from "./place.js";

const AT_ONCE = 2;

export class Uploads {
  #api;
  #isFixed;
  #changed;
  #waiting = [];
  #running = 0;
  #counts = { done: 0, failed: 0 };
  #panel = byId("uploads");

  /** `isFixed`: the cloud's folders are the paths of public ids. `changed()` is called when files have arrived. */
  constructor(api, isFixed, changed) {
    this.#api = api;
    this.#isFixed = isFixed;
    this.#changed = changed;
    const input = byId("files");
    byId("upload").onclick = () => input.click();
    input.onchange = () => {
      this.add([...input.files]);
      input.value = "";
    };
    this.#panel.querySelector(".close").onclick = () => (this.#panel.hidden = true);
    this.#listenForDrops();
  }

  end() {
    for (const { asking } of this.#waiting.splice(0)) asking.abort();
    this.#panel.querySelector("ul").replaceChildren();
    this.#panel.hidden = true;
    this.dropping.abort();
  }

  #listenForDrops() {
    this.dropping = new AbortController();
    const { signal } = this.dropping;
    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    const curtain = byId("drop");
    const on = (type, act) => addEventListener(type, (event) => holdsFiles(event) && (event.preventDefault(), act(event)), { signal });
    on("dragenter", () => (curtain.hidden = false));
    on("dragover", () => (curtain.hidden = false));
    on("drop", (event) => {
      curtain.hidden = true;
      this.add([...event.dataTransfer.files]);
    });
    addEventListener("dragleave", (event) => event.relatedTarget === null && (curtain.hidden = true), { signal });
  }

  /** Put files in line, for the folder that is shown. */
  add(files) {
    const { folder } = here();
    const params = { use_filename: "true", unique_filename: "true", use_filename_as_display_name: "true" };
    if (folder) params[this.#isFixed ? "folder" : "asset_folder"] = folder;
    for (const file of files) this.#line(file, params);
    this.#panel.hidden = !files.length && this.#panel.hidden;
    this.#next();
  }

  #line(file, params) {
    const upload = { file, params, asking: new AbortController() };
    upload.progress = element("progress", { max: file.size || 1, value: 0, aria: { label: `Progress of ${file.name}` } });
    upload.told = element("span", { className: "quiet", role: "status" }, `waiting · ${bytes(file.size)}`);
    upload.cancel = button("Cancel", () => this.#cancel(upload), "plain");
    upload.row = element("li", {}, name(file.name, "name"), upload.cancel, upload.progress, upload.told);
    this.#panel.querySelector("ul").prepend(upload.row);
    this.#waiting.push(upload);
  }

  #cancel(upload) {
    upload.asking.abort();
    if (!this.#waiting.includes(upload)) return;
    this.#waiting.splice(this.#waiting.indexOf(upload), 1);
    this.#failed(upload, "Cancelled");
    this.#tell();
  }

  #next() {
    while (this.#running < AT_ONCE && this.#waiting.length) this.#send(this.#waiting.shift());
    this.#tell();
  }

  async #send(upload) {
    this.#running++;
    const { file, progress, told } = upload;
    const sent = (count) => {
      progress.value = Math.min(count, file.size);
      told.textContent = count < file.size ? `${bytes(count)} of ${bytes(file.size)}` : "sent, being taken in …";
    };
    try {
      this.#arrived(upload, await this.#api.upload(file, upload.params, { progress: sent, signal: upload.asking.signal }));
    } catch (refused) {
      this.#failed(upload, refused.message);
    }
    this.#running--;
    if (!this.#running && !this.#waiting.length) this.#changed();
    this.#next();
  }

  #arrived(upload, asset) {
    this.#counts.done++;
    upload.row.className = "done";
    upload.progress.value = upload.progress.max;
    upload.cancel.remove();
    upload.told.replaceChildren(element("a", { href: to({ asset: asset.asset_id }) }, name(asset.public_id)), ` · ${bytes(asset.bytes)}`);
  }

  #failed(upload, why) {
    this.#counts.failed++;
    upload.row.className = "failed";
    upload.told.textContent = why;
    upload.progress.remove();
    upload.cancel.replaceWith(
      button("Try again", () => {
        this.#counts.failed--;
        upload.row.remove();
        this.#line(upload.file, upload.params);
        this.#next();
      }, "plain"),
    );
  }

  #tell() {
    const { done, failed } = this.#counts;
    const open = this.#running + this.#waiting.length;
    const words = [open && `${counted(open, "file")} to go`, done && `${done} uploaded`, failed && `${failed} failed`];
    this.#panel.querySelector("h2").textContent = words.filter(Boolean).join(", ") || "Uploads";
  }
}
