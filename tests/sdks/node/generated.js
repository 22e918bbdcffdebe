'use strict';
// `uploader` and `utils`: archives, sprites, animations, pages, texts, and their downloads (upload-api §9, signing §6).

const assert = require('node:assert/strict');
const { uploader, api, utils, ASSET, RAW, holds, refused, get, eventually, base, namesIn } = require('./sdk');

const soon = (seconds) => Math.floor(Date.now() / 1000) + seconds;

async function assets(folder) {
  for (const name of ['gen/a', 'gen/b']) {
    await uploader.upload(`${folder}/picture.png`, { public_id: name, tags: 'gen' });
  }
}

module.exports = {
  async 'an archive is a raw asset'({ folder }) {
    await assets(folder);
    const answer = await uploader.create_zip({
      public_ids: ['gen/a', 'gen/b'],
      transformations: [{ width: 9, crop: 'scale' }, { width: 8, crop: 'scale' }],
      target_public_id: 'gen/zipped',
      target_tags: 'made'
    });
    holds(answer, [...RAW.filter((name) => name !== 'api_key'), 'resource_count', 'file_count']);
    assert.deepEqual([answer.resource_type, answer.public_id, answer.tags], ['raw', 'gen/zipped.zip', ['made']]);
    assert.deepEqual([answer.resource_count, answer.file_count], [2, 4]);
    assert.equal(namesIn((await get(answer.url)).body).length, 4);
    const tar = await uploader.create_archive({ tags: 'gen', target_format: 'tgz', target_public_id: 'gen/tarred' });
    assert.deepEqual([tar.resource_count, tar.file_count], [2, 2]);
  },

  async 'archives and originals are downloaded by signed URLs'({ folder }) {
    await assets(folder);
    const url = utils.download_archive_url({ public_ids: ['gen/a'], target_public_id: 'mine' });
    const archive = await get(url);
    assert.deepEqual([archive.status, namesIn(archive.body)], [200, ['gen/a.png']]);
    assert.match(archive.headers.get('content-disposition'), /^attachment.*mine/);
    const zip = await get(utils.download_zip_url({ tags: ['gen'], flatten_folders: true }));
    assert.deepEqual(namesIn(zip.body), ['a.png', 'b.png']);
    const whole = namesIn((await get(utils.download_folder('gen/', { expires_at: soon(60) }))).body);
    assert.ok(whole.includes('gen/a.png') && whole.includes('gen/b.png'), String(whole));
    const forged = await get(url.replace('gen%2Fa', 'gen%2Fb'));
    assert.equal(forged.status, 401);
    assert.equal(JSON.parse(forged.body).error.message, forged.headers.get('x-cld-error'));
    const legacy = await get(utils.zip_download_url('gen', { width: 9, crop: 'scale' }));
    assert.equal(namesIn(legacy.body).length, 2);
    const byHand = utils.api_download_url('generate_archive', { tags: 'gen', timestamp: utils.timestamp() }, {});
    assert.equal((await get(byHand)).status, 200);
    await uploader.upload(`${folder}/picture.png`, { public_id: 'gen/private', type: 'private' });
    const original = await get(utils.private_download_url('gen/private', 'jpg', { type: 'private', attachment: true }));
    assert.deepEqual([original.status, original.headers.get('content-type')], [200, 'image/jpeg']);
    assert.match(original.headers.get('content-disposition'), /^attachment; filename="private.jpg"/);
    const late = await get(utils.private_download_url('gen/private', 'png', { type: 'private', expires_at: soon(-9) }));
    assert.deepEqual([late.status, late.headers.get('x-cld-error')], [401, 'Request timestamp expired']);
  },

  async 'a backed up version is downloaded'({ folder }) {
    const kept = await uploader.upload(`${folder}/picture.png`, { public_id: 'gen/backed', backup: true });
    const [version] = (await api.resource('gen/backed', { versions: true })).versions;
    const response = await get(utils.download_backedup_asset(kept.asset_id, version.version_id));
    assert.deepEqual([response.status, response.body.length], [200, kept.bytes]);
  },

  async 'a sprite is made and downloaded'({ folder }) {
    await assets(folder);
    const answer = await uploader.generate_sprite('gen', { width: 10, crop: 'scale', format: 'jpg' });
    holds(answer, ('css_url secure_css_url image_url secure_image_url json_url secure_json_url public_id version '
      + 'image_infos').split(' '));
    for (const info of Object.values(answer.image_infos)) holds(info, ['width', 'height', 'x', 'y']);
    assert.match(answer.image_url, /\/image\/sprite\/c_scale,f_jpg,w_10\/v/);
    for (const url of [answer.image_url, answer.css_url, answer.json_url]) assert.equal((await get(url)).status, 200);
    assert.equal((await get(uploader.download_generated_sprite('gen'))).status, 200);
  },

  async 'an animation is made and downloaded'({ folder }) {
    await assets(folder);
    const answer = await uploader.multi('gen', { width: 10, crop: 'scale', format: 'webp' });
    holds(answer, ['url', 'secure_url', 'asset_id', 'public_id', 'version']);
    assert.ok(answer.url.includes(`/image/multi/c_scale,f_webp,w_10/v${answer.version}/gen.webp`), answer.url);
    assert.equal((await get(answer.url)).status, 200);
    const downloaded = await get(uploader.download_multi('gen'));
    assert.deepEqual([downloaded.status, downloaded.body.toString('latin1', 0, 3)], [200, 'GIF']);
  },

  async 'pages are taken apart'({ folder }) {
    await uploader.upload(`${folder}/paper.pdf`, { public_id: 'gen/paper' });
    const answer = await uploader.explode('gen/paper', { page: 'all', format: 'png' });
    assert.equal(answer.status, 'processing');
    assert.ok(answer.batch_id);
    const page = `${base()}/node/image/upload/pg_2/gen/paper.png`;
    await eventually(async () => (await get(page)).status === 200, 'the page is there');
    await refused(uploader.explode('gen/paper', { width: 5 }), 400, /pg_all/);
  },

  async 'a text is an asset'() {
    const answer = await uploader.text('Hello', { public_id: 'gen/words', font_family: 'Arial', font_size: 12 });
    holds(answer, ASSET.filter((name) => name !== 'api_key'));
    assert.deepEqual([answer.type, answer.format, answer.public_id], ['text', 'png', 'gen/words']);
    assert.ok(answer.width >= 15 && answer.width <= 45 && answer.height >= 7 && answer.height <= 18);
    assert.equal((await get(answer.url)).status, 200);
  }
};
