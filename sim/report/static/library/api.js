// The public API of one cloud, as its owner. Knows no page.

const CHUNK_BYTES = 20_000_000; // larger files go in pieces, as the SDKs send them

/** What the API, or the way to it, refused. `status` 0: nobody answered. */
export class Refused extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const UNREACHABLE = "The media cloud does not answer. Is it running?";

const folderPath = (path) => ["folders", ...path.split("/").filter(Boolean).map(encodeURIComponent)].join("/");

export class Api {
  constructor(front, { cloud, key, secret }) {
    Object.assign(this, { front, cloud, key, secret });
    const pair = new TextEncoder().encode(`${key}:${secret}`);
    this.authorization = `Basic ${btoa(String.fromCharCode(...pair))}`;
  }

  url(path) {
    return `${this.front}/v1_1/${encodeURIComponent(this.cloud)}/${path}`;
  }

  /** The JSON of an answer; throws `Refused` with the API's own sentence. */
  async call(method, path, body) {
    const headers = { Authorization: this.authorization };
    if (body) headers["Content-Type"] = "application/json";
    let response, answer;
    try {
      response = await fetch(this.url(path), { method, headers, body: body && JSON.stringify(body), credentials: "omit" });
      answer = await response.json();
    } catch {
      throw new Refused(response ? `The answer with status ${response.status} is no JSON` : UNREACHABLE, response?.status);
    }
    if (!response.ok) throw new Refused(answer.error?.message ?? `Status ${response.status}`, response.status);
    return answer;
  }

  config = () => this.call("GET", "config?settings=true");
  search = (query) => this.call("POST", "resources/search", query);
  asset = (id, cursor) => this.call("GET", `resources/${encodeURIComponent(id)}?max_results=50${cursor ? `&derived_next_cursor=${encodeURIComponent(cursor)}` : ""}`);
  update = (id, said) => this.call("PUT", `resources/${encodeURIComponent(id)}`, said);
  remove = (ids) => this.call("DELETE", "resources", { asset_ids: ids, invalidate: true });
  fields = async () => (await this.call("GET", "metadata_fields")).metadata_fields;

  /** `command`: add, remove or replace. The assets are of one resource type and type. */
  tag = (assets, command, tags) =>
    this.call("POST", `${assets[0].resource_type}/tags`, {
      command,
      tag: tags,
      type: assets[0].type,
      public_ids: assets.map((asset) => asset.public_id),
    });

  rename = (asset, name) =>
    this.call("POST", `${asset.resource_type}/rename`, {
      from_public_id: asset.public_id,
      to_public_id: name,
      type: asset.type,
      invalidate: true,
    });

  createFolder = (path) => this.call("POST", folderPath(path));
  renameFolder = (path, target) => this.call("PUT", folderPath(path), { to_folder: target });
  deleteFolder = (path) => this.call("DELETE", folderPath(path));

  /** The paths of the first 500 folders there are, by name. */
  async allFolders() {
    const found = await this.call("POST", "folders/search", { max_results: 500, sort_by: [{ path: "asc" }] });
    return found.folders.map((each) => each.path);
  }

  /** All folders inside a folder ("" is the root). */
  async folders(inside) {
    const path = folderPath(inside);
    const found = [];
    let cursor = null;
    do {
      const page = await this.call("GET", `${path}?max_results=500${cursor ? `&next_cursor=${encodeURIComponent(cursor)}` : ""}`);
      found.push(...page.folders);
      cursor = page.next_cursor;
    } while (cursor);
    return found;
  }

  /** Upload one file. `progress(sent bytes)` is called as it goes; `signal` ends it. Resolves to the asset. */
  async upload(file, params, { progress, signal }) {
    const id = crypto.randomUUID();
    let answer;
    for (let start = 0; start === 0 || start < file.size; start += CHUNK_BYTES) {
      const end = Math.min(start + CHUNK_BYTES, file.size);
      const headers =
        file.size > CHUNK_BYTES ? { "X-Unique-Upload-Id": id, "Content-Range": `bytes ${start}-${end - 1}/${file.size}` } : {};
      const form = new FormData();
      for (const [name, value] of Object.entries(params)) form.append(name, value);
      form.append("file", file.slice(start, end), file.name);
      answer = await this.#send(form, headers, (sent) => progress(start + sent), signal);
    }
    return answer;
  }

  /** XMLHttpRequest, since fetch does not tell how much has been sent. */
  #send(form, headers, progress, signal) {
    return new Promise((resolve, reject) => {
      const asking = new XMLHttpRequest();
      asking.open("POST", this.url("auto/upload"));
      asking.setRequestHeader("Authorization", this.authorization);
      for (const [name, value] of Object.entries(headers)) asking.setRequestHeader(name, value);
      asking.responseType = "json";
      asking.upload.onprogress = (event) => progress(event.loaded);
      asking.onload = () => {
        if (asking.status === 200 && asking.response) resolve(asking.response);
        else reject(new Refused(asking.response?.error?.message ?? `Status ${asking.status}`, asking.status));
      };
      asking.onerror = () => reject(new Refused(UNREACHABLE));
      asking.onabort = () => reject(new Refused("Cancelled"));
      signal.addEventListener("abort", () => asking.abort(), { once: true });
      if (signal.aborted) reject(new Refused("Cancelled"));
      else asking.send(form);
    });
  }
}
