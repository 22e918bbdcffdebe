// One asset through a transformation, as it is typed.

import { bytes, button, copyButton, element } from "./dom.js";
import { needsSignature, thumbnail, transformed } from "./urls.js";

const PAUSE_MS = 350; // after the last key
const ACCEPT = "image/avif,image/webp,image/*,*/*;q=0.8";
const IDEAS = ["c_fill,g_auto,w_600,h_400", "c_thumb,g_face,w_300,h_300/r_max/f_png", "e_sepia", "e_blur:600", "a_15,b_auto", "q_auto,f_auto,w_800"];

export class Preview {
  #asset;
  #secret;
  #asking = new AbortController();
  #pause;
  #shown = null; // object URL

  constructor(asset, secret) {
    this.#asset = asset;
    this.#secret = secret;
    this.image = element("img", { alt: `Preview of ${asset.public_id}`, hidden: true });
    this.frame = element("div", { className: "stage" }, this.image, (this.instead = element("p", { className: "instead", hidden: true })));
    this.facts = element("p", { id: "result", className: "quiet", role: "status" });
    this.error = element("p", { id: "refusal", className: "error", role: "alert" });
    this.chain = element("input", {
      id: "chain",
      type: "text",
      spellcheck: false,
      autocapitalize: "none",
      autocomplete: "off",
      placeholder: "c_fill,w_600,h_400/e_sharpen",
      aria: { describedby: "refusal" },
      oninput: () => this.#soon(),
    });
    this.signed = element("input", { type: "checkbox", checked: needsSignature(asset), disabled: needsSignature(asset), onchange: () => this.show() });
    this.url = element("input", { id: "url", type: "text", readOnly: true, onfocus: () => this.url.select() });
    this.element = element("div", { className: "preview" }, this.frame, this.facts, this.#form());
  }

  #form() {
    const ideas = IDEAS.map((idea) =>
      element("li", {}, button(idea, () => ((this.chain.value = idea), this.show()), "chip")),
    );
    const form = element(
      "form",
      { onsubmit: (event) => (event.preventDefault(), this.show()) },
      element("label", {}, "Transformation", this.chain),
      this.error,
      element("ul", { className: "chips", aria: { label: "Examples" } }, ideas),
      element("label", { className: "check" }, this.signed, "Sign the URL"),
      element("label", {}, "URL", element("span", { className: "joined" }, this.url, copyButton(() => this.url.value))),
    );
    if (this.#asset.resource_type !== "image") form.replaceChildren(...[...form.children].slice(-2));
    return form;
  }

  end() {
    this.#asking.abort();
    clearTimeout(this.#pause);
    URL.revokeObjectURL(this.#shown);
  }

  #soon() {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.show(), PAUSE_MS);
  }

  /** Ask for what is typed and show what comes. */
  async show() {
    clearTimeout(this.#pause);
    this.#asking.abort();
    const { signal } = (this.#asking = new AbortController());
    const chain = this.chain.value.trim();
    const url = await transformed(this.#asset, chain, this.signed.checked ? this.#secret : null);
    if (signal.aborted) return;
    this.url.value = url;
    this.error.textContent = "";
    if (!chain) {
      await this.#original(url);
      return;
    }
    this.frame.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { headers: { Accept: ACCEPT }, signal, credentials: "omit" });
      const body = await response.blob();
      if (signal.aborted) return;
      if (response.ok) await this.#result(body);
      else this.#refused(response.headers.get("X-Cld-Error") ?? `Status ${response.status}`);
    } catch {
      if (!signal.aborted) this.#refused("The media cloud does not answer. Is it running?");
    } finally {
      if (!signal.aborted) this.frame.removeAttribute("aria-busy");
    }
  }

  /** What is stored: a picture of it that is not larger than a screen, a player, or its name. */
  async #original(url) {
    const asset = this.#asset;
    this.frame.removeAttribute("aria-busy");
    this.#tell(asset.format ?? asset.resource_type, asset.bytes, asset.width, asset.height);
    if (asset.resource_type === "video") {
      const player = element("video", { controls: true, preload: "metadata", src: url });
      player.onerror = () => this.#nothing(`${asset.format ?? "This file"} cannot be played here`);
      this.frame.replaceChildren(player, this.instead);
      return;
    }
    const picture = await thumbnail(asset, this.#secret, "w_1400,h_1000");
    if (!picture) {
      this.#nothing(`There is no picture of a ${asset.format ?? "raw"} file`);
      return;
    }
    this.image.onerror = () => this.#nothing("There is no picture of this file");
    this.#picture(picture);
  }

  async #result(body) {
    URL.revokeObjectURL(this.#shown);
    const kind = body.type.replace("image/", "") || "unknown type";
    this.#tell(kind, body.size);
    if (!body.type.startsWith("image/")) {
      this.#nothing(`The result is ${kind}, which is not shown here`);
      return;
    }
    this.#shown = URL.createObjectURL(body);
    this.image.onerror = () => this.#nothing(`This browser cannot show ${kind}`);
    this.image.onload = () => this.#tell(kind, body.size, this.image.naturalWidth, this.image.naturalHeight);
    this.#picture(this.#shown);
  }

  #picture(source) {
    this.image.src = source;
    this.image.hidden = false;
    this.instead.hidden = true;
  }

  #nothing(sentence) {
    for (const each of this.frame.children) each.hidden = each !== this.instead;
    this.instead.hidden = false;
    this.instead.textContent = sentence;
  }

  #refused(sentence) {
    this.error.textContent = sentence;
    this.facts.textContent = "Refused; above is what was last shown.";
  }

  #tell(kind, size, width, height) {
    this.facts.textContent = [kind, width && `${width} × ${height}`, bytes(size)].filter(Boolean).join(" · ");
  }
}
