'use strict';
// `uploader`: files in, by every way there is (upload-api §3–§6).

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const {
  cloudinary, uploader, api, utils, ASSET, RAW, holds, refused, get, eventually, answered, onWorld
} = require('./sdk');

const PART = 5 * 1024 * 1024;
const md5 = (body) => crypto.createHash('md5').update(body).digest('hex');

module.exports = {
  async 'an upload answers with all the sheet names'({ folder }) {
    const path = `${folder}/astronaut.jpg`;
    const answer = await uploader.upload(path, {
      public_id: 'up/astronaut',
      tags: ['space', 'face'],
      context: { alt: 'a = b|c' },
      asset_folder: 'people',
      display_name: 'Astronaut',
      eager: [{ width: 40, height: 30, crop: 'pad' }],
      colors: true,
      phash: true,
      faces: true,
      image_metadata: true,
      access_mode: 'public',
      face_coordinates: [[10, 20, 90, 300]],
      responsive_breakpoints: { create_derived: true, min_width: 100, max_width: 200, max_images: 3 },
      moderation: 'manual',
      return_delete_token: true
    });
    holds(answer, [...ASSET, 'original_filename', 'delete_token', 'predominant', 'image_metadata', 'faces', 'access_mode']);
    assert.deepEqual([answer.width, answer.height, answer.pages, answer.format], [512, 512, 1, 'jpg']);
    assert.deepEqual(answer.tags, ['space', 'face']);
    assert.deepEqual(answer.context, { custom: { alt: 'a = b|c' } });
    assert.deepEqual(answer.faces, [[10, 20, 90, 300]]);
    assert.equal(answer.etag, md5(fs.readFileSync(path)));
    assert.equal(answer.original_filename, 'astronaut');
    assert.deepEqual(answer.moderation, [{ kind: 'manual', status: 'pending' }]);
    assert.equal(answer.eager[0].transformation, 'c_pad,h_30,w_40');
    holds(answer.eager[0], ['width', 'height', 'bytes', 'format', 'url', 'secure_url']);
    assert.equal((await get(answer.eager[0].url)).status, 200);
    const widths = answer.responsive_breakpoints[0].breakpoints.map((each) => each.width);
    assert.deepEqual(widths, [...widths].sort((one, other) => other - one));
    const { version, signature } = answer;
    assert.equal(utils.verify_api_response_signature('up/astronaut', version, signature), true);
    assert.equal(utils.verify_api_response_signature('up/other', version, signature), false);
    const built = utils.url('up/astronaut', { format: 'jpg', version, analytics: false, urlAnalytics: false });
    assert.equal(answer.url, onWorld(built));
    const preloaded = new cloudinary.PreloadedFile(utils.signed_preloaded_image(answer));
    assert.equal(preloaded.is_valid(), true);
  },

  async 'streams, data URIs and URLs are uploaded'({ folder, listener }) {
    const picture = fs.readFileSync(`${folder}/picture.png`);
    const streamed = await answered((callback) => uploader.upload_stream({ public_id: 'up/stream' }, callback).end(picture));
    holds(streamed, ASSET);
    assert.equal(streamed.original_filename, 'file');
    const data = await uploader.upload(`data:image/png;base64,${picture.toString('base64')}`);
    assert.equal(data.etag, streamed.etag);
    assert.match(data.public_id, /^[a-z0-9]{20}$/);
    const url = await uploader.upload(`${listener.url}/astronaut.jpg?size=1`);
    assert.deepEqual([url.original_filename, url.width], ['astronaut', 512]);
  },

  async 'unsigned uploads follow their preset'({ folder }) {
    await api.create_upload_preset({ name: 'open', unsigned: true, folder: 'open', tags: 'preset' });
    const answer = await uploader.unsigned_upload(`${folder}/picture.png`, 'open', { public_id: 'free', tags: 'own' });
    assert.equal(answer.public_id, 'open/free');
    assert.deepEqual([...answer.tags].sort(), ['own', 'preset']);
    const picture = fs.readFileSync(`${folder}/picture.png`);
    const streamed = await answered(
      (callback) => uploader.unsigned_upload_stream('open', { public_id: 'streamed' }, callback).end(picture)
    );
    assert.equal(streamed.public_id, 'open/streamed');
    await refused(
      uploader.unsigned_upload(`${folder}/picture.png`, 'open', { transformation: { width: 5 } }),
      400, /^Transformation parameter is not allowed when using unsigned upload/
    );
  },

  async 'large files go in parts'({ folder }) {
    const whole = Buffer.alloc(PART + 70_000, 'words and more words ');
    const path = `${folder}/large.bin`;
    fs.writeFileSync(path, whole);
    const options = (name) => ({ public_id: name, chunk_size: PART });
    const parts = [
      (callback) => uploader.upload_large(path, options('up/large.bin'), callback),
      (callback) => uploader.upload_chunked(path, { ...options('up/chunked.bin'), resource_type: 'raw' }, callback),
      (callback) => uploader.upload_chunked_stream({ ...options('up/streamed.bin'), resource_type: 'raw' }, callback).end(whole)
    ];
    for (const part of parts) {
      const answer = await answered(part);
      holds(answer, RAW);
      assert.deepEqual([answer.done, answer.bytes, answer.resource_type], [true, whole.length, 'raw']);
      assert.equal(answer.etag, md5(whole));
    }
    // Listed by this version of the SDK, and not there.
    assert.throws(() => uploader.upload_large_part({}, () => {}), TypeError);
  },

  async 'explicit, rename and destroy'({ folder, listener }) {
    const first = await uploader.upload(`${folder}/picture.png`, { public_id: 'up/first', display_name: 'kept' });
    const answer = await uploader.explicit('up/first', {
      type: 'upload', tags: 'new', context: 'k=v', eager: { width: 9, crop: 'scale' }
    });
    holds(answer, [...ASSET, 'eager', 'context']);
    assert.deepEqual([answer.asset_id, answer.tags, answer.version], [first.asset_id, ['new'], first.version]);
    const fetched = await uploader.explicit(`${listener.url}/astronaut.jpg`, { type: 'fetch' });
    assert.deepEqual([fetched.type, fetched.width], ['fetch', 512]);
    await refused(uploader.explicit('up/none', { type: 'upload' }), 404, /^Resource not found - up\/none$/);
    const renamed = await uploader.rename('up/first', 'up/second', { invalidate: true, context: true });
    assert.deepEqual(
      [renamed.public_id, renamed.asset_id, renamed.display_name, renamed.context],
      ['up/second', first.asset_id, 'kept', { custom: { k: 'v' } }]
    );
    await uploader.upload(`${folder}/picture.png`, { public_id: 'up/taken' });
    await refused(uploader.rename('up/second', 'up/taken'), 400, /^to_public_id up\/taken already exists$/);
    await refused(uploader.rename('up/first', 'up/third'), 404, /^Resource not found - up\/first$/);
    assert.deepEqual(await uploader.destroy('up/second', { invalidate: true }), { result: 'ok' });
    assert.deepEqual(await uploader.destroy('up/second'), { result: 'not found' });
  },

  async 'what is made later is pending, and told with a signature'({ folder, listener }) {
    const answer = await uploader.upload(`${folder}/picture.png`, {
      public_id: 'up/later', async: true, notification_url: `${listener.url}/later`
    });
    assert.deepEqual([answer.status, answer.public_id, answer.type], ['pending', 'up/later', 'upload']);
    await eventually(() => listener.posted.some((each) => each.path === '/later'), 'the upload is told');
    const { body, headers } = listener.posted.find((each) => each.path === '/later');
    const [stamp, signature] = [headers['x-cld-timestamp'], headers['x-cld-signature']];
    assert.equal(utils.verifyNotificationSignature(body, Number(stamp), signature), true);
    assert.equal(utils.verifyNotificationSignature(`${body} `, Number(stamp), signature), false);
    const { api_secret } = cloudinary.config();
    assert.equal(utils.webhook_signature(body, stamp, { api_secret, signature_algorithm: 'sha1' }), signature);
    const told = JSON.parse(body);
    holds(told, [...ASSET.filter((name) => name !== 'api_key'), 'notification_type', 'timestamp', 'request_id', 'signature_key']);
    assert.deepEqual([told.notification_type, told.signature_key], ['upload', cloudinary.config().api_key]);
  }
};
