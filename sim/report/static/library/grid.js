// The assets of a folder or of a search, in pages.

import { bytes, byId, counted, element, name } from "./dom.js";
import { Folders } from "./folders.js";
import { here, to } from "./place.js";
import { Selection } from "./selection.js";
import { thumbnail } from "./urls.js";

const PAGE = 40;

const quoted = (text) => `"${text.replace(/["*]/g, "\\$&")}"`;

/** The expression that finds what a place shows: what was typed, within the folder and the type that were chosen. */
function expression({ q, folder, type }) {
  const within = [folder && `folder=${quoted(folder)}`, type && `resource_type:${type}`].filter(Boolean);
  if (!q) return within.join(" AND ");
  return within.length ? [`(${q})`, ...within].join(" AND ") : q;
}

export class Grid {
  #api;
  #folders;
  #selection;
  #cursor = null;
  #turn = 0; // of the last question: answers to earlier ones come too late
  #shown = 0;
  #loading = false;

  constructor(api, isFixed) {
    this.#api = api;
    const refresh = () => this.show();
    this.#folders = new Folders(api, refresh);
    this.#selection = new Selection(api, isFixed, refresh);
    this.more = byId("more").querySelector("button");
    this.more.onclick = () => this.#load();
    this.watcher = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.#load(), { rootMargin: "400px" });
    this.watcher.observe(byId("more"));
  }

  end() {
    this.#turn++;
    this.watcher.disconnect();
    this.#folders.end();
    this.#selection.end();
  }

  /** Show what is here, from its beginning. */
  async show() {
    this.#turn++;
    this.#cursor = null;
    this.#shown = 0;
    this.#loading = false;
    this.more.hidden = true;
    this.#folders.show();
    this.#selection.begin(to({ asset: "" }));
    byId("search-error").textContent = byId("told").textContent = "";
    byId("grid").setAttribute("aria-busy", "true");
    await this.#load(true);
  }

  async #load(isFirst = false) {
    if (this.#loading || !(isFirst || this.#cursor)) return;
    this.#loading = true;
    const turn = this.#turn;
    try {
      const found = await this.#found();
      if (turn !== this.#turn) return;
      const cards = await Promise.all(found.resources.map((asset) => this.#card(asset)));
      if (turn !== this.#turn) return;
      byId("grid")[isFirst ? "replaceChildren" : "append"](...cards);
      this.#selection.read();
      this.#cursor = found.next_cursor ?? null;
      this.#shown += cards.length;
      byId("count").textContent = found.total_count ? counted(found.total_count, "asset") + (found.next_cursor ? `, ${this.#shown} shown` : "") : "Nothing here.";
    } catch (refused) {
      if (turn !== this.#turn) return;
      if (isFirst) byId("grid").replaceChildren();
      this.#selection.read();
      byId("count").textContent = "";
      byId("search-error").textContent = refused.message;
    } finally {
      if (turn === this.#turn) {
        this.#loading = false;
        this.more.hidden = !this.#cursor;
        byId("grid").removeAttribute("aria-busy");
      }
    }
    this.#goOn();
  }

  /** An observer tells of changes only: when the end is still in sight, it has to look again. */
  #goOn() {
    this.watcher.unobserve(byId("more"));
    this.watcher.observe(byId("more"));
  }

  async #found() {
    const place = here();
    const [field, direction] = (place.sort || "created_at desc").split(" ");
    const query = { max_results: PAGE, sort_by: [{ [field]: direction }], next_cursor: this.#cursor ?? "" };
    try {
      return await this.#api.search({ ...query, expression: expression(place) });
    } catch (refused) {
      // The place in the error shall be one in what was typed, not in what we made of it.
      if (place.q && expression(place) !== place.q) await this.#api.search({ max_results: 0, expression: place.q });
      throw refused;
    }
  }

  async #card(asset) {
    const picture = await thumbnail(asset, this.#api.secret, "w_480,h_320");
    const badge = element("span", { className: "badge" }, asset.format || asset.public_id.split(".").pop().slice(0, 8));
    const frame = element("span", { className: "frame" });
    if (picture) {
      const image = element("img", { alt: "", loading: "lazy", decoding: "async", src: picture });
      image.onerror = () => image.replaceWith(badge);
      frame.append(image);
    } else {
      frame.append(badge);
    }
    const size = asset.width ? `${asset.width} × ${asset.height}` : asset.resource_type;
    return element(
      "li",
      { data: { assetId: asset.asset_id } },
      element(
        "a",
        { className: "asset card", href: to({ asset: asset.asset_id }) },
        frame,
        name(asset.display_name || asset.public_id, "name"),
        element("span", { className: "quiet" }, `${asset.format ?? "file"} · ${bytes(asset.bytes)} · ${size}`),
      ),
      this.#selection.box(asset),
    );
  }
}
