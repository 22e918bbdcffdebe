'use strict';
// `uploader` and `utils`: what browsers are given (upload-api §1, §3.2; signing §1), posted as a browser does.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { cloudinary, uploader, utils, ASSET, holds, base } = require('./sdk');

function form(fields, folder) {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, String(value));
  made.append('file', new Blob([fs.readFileSync(`${folder}/picture.png`)]), 'picture.png');
  return made;
}

async function post(url, fields, folder, headers = {}) {
  const response = await fetch(url, { method: 'POST', body: form(fields, folder), headers, redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location'), body: await response.text() };
}

// What `attribute='…'` says in a tag.
const attribute = (tag, name) => tag.match(new RegExp(`${name}='([^']*)'`))[1]
  .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replace(/&quot;/g, '"').replace(/&amp;/g, '&');

module.exports = {
  async 'a form is posted, and its user sent back with the answer'({ folder }) {
    const { hidden_fields, form_attrs } = uploader.direct_upload('http://127.0.0.1/back?x=1', { public_id: 'form/direct' });
    assert.equal(form_attrs.method, 'POST');
    const sent = await post(form_attrs.action, hidden_fields, folder);
    assert.equal(sent.status, 302);
    const back = new URL(sent.location);
    assert.deepEqual([back.host, back.pathname, back.searchParams.get('x')], ['127.0.0.1', '/back', '1']);
    assert.equal(back.searchParams.get('public_id'), 'form/direct');
    const xhr = await post(form_attrs.action, hidden_fields, folder, { 'X-Requested-With': 'XMLHttpRequest' });
    assert.equal(xhr.status, 200);
    holds(JSON.parse(xhr.body), ASSET);
  },

  async 'a tag holds what to post, and where'({ folder }) {
    const tag = uploader.image_upload_tag('image', { public_id: 'form/tag', tags: 'form' });
    assert.equal(attribute(tag, 'data-url'), uploader.upload_url());
    assert.equal(uploader.upload_url(), `${base()}/v1_1/node/auto/upload`);
    const posted = await post(attribute(tag, 'data-url'), JSON.parse(attribute(tag, 'data-form-data')), folder);
    const answer = JSON.parse(posted.body);
    assert.deepEqual([answer.public_id, answer.tags, answer.resource_type], ['form/tag', ['form'], 'image']);
    const params = JSON.parse(uploader.upload_tag_params({ public_id: 'form/params' }));
    assert.equal(JSON.parse((await post(uploader.upload_url(), params, folder)).body).public_id, 'form/params');
    const open = uploader.unsigned_image_upload_tag('image', 'open', { public_id: 'unsigned' });
    const unsigned = JSON.parse(attribute(open, 'data-form-data'));
    assert.deepEqual(unsigned, { public_id: 'unsigned', upload_preset: 'open' });
    assert.equal(JSON.parse((await post(attribute(open, 'data-url'), unsigned, folder)).body).public_id, 'open/unsigned');
  },

  async 'parameters are signed by hand'({ folder }) {
    const { api_key, api_secret } = cloudinary.config();
    const params = { public_id: 'form/hand', timestamp: utils.timestamp() };
    const signed = utils.sign_request({ ...params }, {});
    assert.deepEqual(signed, { ...params, signature: utils.api_sign_request(params, api_secret), api_key });
    const posted = await post(uploader.upload_url(), signed, folder);
    assert.equal(JSON.parse(posted.body).public_id, 'form/hand');
    const forged = await post(uploader.upload_url(), { ...signed, public_id: 'form/other' }, folder);
    assert.equal(forged.status, 401);
    assert.match(JSON.parse(forged.body).error.message, /^Invalid Signature [0-9a-f]{40}\. String to sign - 'public_id=form\/other&/);
  }
};
