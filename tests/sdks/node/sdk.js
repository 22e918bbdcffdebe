'use strict';
// The SDK as the sections call it, which remembers what of it was called, and what its answers are held to.

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const cloudinary = require('cloudinary').v2;

// Of `utils`, what makes or checks something that a server understands; the rest builds parameters and tags.
const SIGNING = /download|sign|verify|auth_token/i;

const names = { uploader: new Set(), api: new Set(), utils: new Set(), search: new Set(), search_folders: new Set(), analysis: new Set() };

function remembered(module) {
  return new Proxy(cloudinary[module], {
    get(target, name) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...given) => {
        names[module].add(name);
        return value.apply(target, given);
      };
    }
  });
}

function verbs(type) {
  const own = Object.getOwnPropertyNames(type).filter((name) => typeof type[name] === 'function');
  return own.filter((name) => !['prototype', 'constructor'].includes(name));
}

function wanted() {
  return {
    uploader: Object.keys(cloudinary.uploader),
    api: Object.keys(cloudinary.api),
    analysis: Object.keys(cloudinary.analysis),
    search: verbs(cloudinary.search),
    search_folders: verbs(cloudinary.search_folders),
    utils: Object.keys(cloudinary.utils).filter((name) => SIGNING.test(name))
  };
}

const leftOut = () => Object.entries(wanted()).flatMap(
  ([module, all]) => all.filter((name) => !names[module].has(name)).map((name) => `${module}.${name}`)
);
const called = () => Object.fromEntries(Object.entries(names).map(([module, all]) => [module, all.size]));

const ASSET = ('asset_id public_id version version_id signature width height format resource_type created_at tags pages '
  + 'bytes type etag placeholder url secure_url asset_folder display_name api_key').split(' '); // upload-api §3.5
const RAW = ASSET.filter((name) => !['width', 'height', 'format', 'pages'].includes(name));
const LISTED = ('asset_id public_id format version resource_type type created_at bytes width height asset_folder '
  + 'display_name url secure_url').split(' '); // admin-api §4

function holds(answer, fields) {
  const missing = fields.filter((name) => !(name in answer));
  assert.deepEqual(missing, [], `missing: ${missing} in ${Object.keys(answer)}`);
}

// The uploader rejects with the error itself, the Admin API with a document that holds it.
async function refused(promise, status, sentence) {
  const reason = await promise.then(() => assert.fail(`not refused: ${status} ${sentence}`), (error) => error);
  const { message, http_code } = reason.error || reason;
  assert.match(message, sentence);
  assert.equal(http_code, status);
}

async function get(url, options = {}) {
  const response = await fetch(url, options);
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

async function eventually(condition, what) {
  for (const end = Date.now() + 60_000; !(await condition());) {
    assert.ok(Date.now() < end, `${what}: not within a minute`);
    await pause(50);
  }
}

// A method that gives its answer to a callback alone.
const answered = (call) => new Promise((resolve, reject) => {
  call((error, answer) => (error ? reject(error) : resolve(answer)));
});

const base = () => cloudinary.config().upload_prefix;
const onWorld = (url) => base() + new URL(url).pathname;

// In a zip, the names of its files: those of its central directory.
function namesIn(zip) {
  const found = [];
  for (let at = zip.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4, 'latin1')) {
    found.push(zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)));
  }
  return found.sort();
}

module.exports = {
  ...Object.fromEntries(Object.keys(names).map((module) => [module, remembered(module)])),
  cloudinary, called, leftOut, ASSET, RAW, LISTED, holds, refused, get, eventually, answered, base, onWorld, namesIn
};
