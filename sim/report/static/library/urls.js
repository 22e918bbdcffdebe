// Delivery URLs: those the API gives, with a transformation put in and signed where that is wanted.

const NO_PICTURE = new Set(["mp3", "wav", "ogg", "aac", "m4a", "flac", "opus", "aiff", "amr", "mid"]);
const AS_JPEG = new Set(["pdf", "ai", "eps", "ps", "ept", "psd", "tiff", "heic", "jp2", "tga", "bmp"]);

/** A chain as it is written in a path: what is already escaped is left alone. */
export function escapedChain(chain) {
  return encodeURI(chain.trim())
    .replace(/%25(?=[0-9A-Fa-f]{2})/g, "%")
    .replace(/[?#]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\/+|\/+$/g, "")
    .replace(/([^:])\/+/g, "$1/");
}

/** The delivery URL that this page may load: a browser need not trust the front door's certificate. */
export const urlOf = (told) => location.protocol === "https:" ? told.secure_url : told.url;

/** `{base, version, source}` of an asset's URL: what comes before the transformation, and after it. */
export function parts(asset) {
  const marker = `/${asset.resource_type}/${asset.type}/`;
  const at = urlOf(asset).indexOf(marker) + marker.length;
  const rest = urlOf(asset).slice(at).replace(/^s--[A-Za-z0-9_-]+--\//, "");
  const [, version, source] = rest.match(/^(v[0-9]+\/)?(.*)$/s);
  return { base: urlOf(asset).slice(0, at), version: version ?? "", source };
}

/** `s--…--`: the first characters of the SHA-1 of what is delivered and the secret. */
async function signature(chain, source, secret) {
  const text = [chain, source].filter(Boolean).join("/") + secret;
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  const letters = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return `s--${letters.slice(0, 8).replaceAll("+", "-").replaceAll("/", "_")}--`;
}

/** The URL of an asset through a transformation; with a secret, signed. */
export async function transformed(asset, chain, secret = null) {
  const { base, version, source } = parts(asset);
  const path = escapedChain(chain);
  const sign = secret === null ? "" : `${await signature(path, source, secret)}/`;
  return `${base}${sign}${path ? `${path}/` : ""}${version}${source}`;
}

export const needsSignature = (asset) => asset.type === "authenticated" || asset.type === "private";

/** A small picture of an asset to fit a box; null where there is none to be had. */
export async function thumbnail(asset, secret, size) {
  if (asset.resource_type !== "image" || NO_PICTURE.has(asset.format)) return null;
  const format = AS_JPEG.has(asset.format) ? "f_jpg" : "f_auto";
  return transformed(asset, `c_limit,${size},${format}`, needsSignature(asset) ? secret : null);
}
