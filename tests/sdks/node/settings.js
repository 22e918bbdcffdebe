'use strict';
// `api`: transformations, presets, folders, mappings, streaming profiles (admin-api §10–§15), and viewers' tokens.

const assert = require('node:assert/strict');
const { uploader, api, utils, holds, refused, get, eventually, base } = require('./sdk');

module.exports = {
  async 'transformations are named, shown, changed and removed'({ folder }) {
    assert.equal((await api.create_transformation('small', { width: 20, height: 10, crop: 'fill' })).message, 'created');
    await refused(api.create_transformation('small', { width: 20 }), 409, /exists/);
    const { transformations } = await api.transformations({ named: true });
    assert.deepEqual(
      transformations.find((each) => each.name === 't_small'),
      { name: 't_small', allowed_for_strict: true, used: false, named: true }
    );
    await uploader.upload(`${folder}/picture.png`, { public_id: 'set/named', eager: { transformation: 'small' } });
    const shown = await api.transformation('small');
    assert.deepEqual([shown.name, shown.named, shown.used], ['small', true, true]);
    assert.deepEqual(shown.info, [{ crop: 'fill', height: 10, width: 20 }]);
    holds(shown.derived[0], 'public_id resource_type type format url secure_url bytes id'.split(' '));
    const updates = { allowed_for_strict: false, unsafe_update: { width: 21 } };
    assert.equal((await api.update_transformation('small', updates)).message, 'updated');
    const changed = await api.transformation('small');
    assert.deepEqual([changed.allowed_for_strict, changed.info], [false, [{ width: 21 }]]);
    assert.equal((await api.delete_transformation('small')).message, 'deleted');
    await refused(api.transformation('small'), 404, /small/);
  },

  async 'presets are stored, parsed and used'({ folder }) {
    const eager = [{ width: 9, crop: 'scale' }];
    const made = await api.create_upload_preset({ name: 'p1', tags: ['a', 'b'], eager, context: { k: 'v' } });
    holds(made, ['message', 'name', 'external_id']);
    const shown = await api.upload_preset('p1');
    assert.deepEqual([shown.name, shown.unsigned, shown.external_id], ['p1', false, made.external_id]);
    const { timestamp, ...settings } = shown.settings;
    assert.equal(timestamp, undefined);
    assert.deepEqual(settings, { tags: ['a', 'b'], eager: [[{ crop: 'scale', width: 9 }]], context: { k: 'v' } });
    assert.ok((await api.upload_presets({ max_results: 500 })).presets.some((each) => each.name === 'p1'));
    const updated = await api.update_upload_preset('p1', { unsigned: true, colors: true });
    assert.deepEqual([updated.message, updated.external_id], ['updated', made.external_id]);
    assert.deepEqual((await api.upload_preset('p1')).settings.colors, true);
    const answer = await uploader.upload(`${folder}/picture.png`, { upload_preset: 'p1' });
    assert.deepEqual([answer.tags, answer.eager.length, 'colors' in answer], [['a', 'b'], 1, true]);
    assert.equal((await api.delete_upload_preset('p1')).message, 'deleted');
    await refused(api.upload_preset('p1'), 404, /p1/);
  },

  async 'folders are made, listed, renamed and removed'({ folder }) {
    const made = await api.create_folder('tree/ü branch/leaf');
    assert.deepEqual([made.success, made.path, made.name], [true, 'tree/ü branch/leaf', 'leaf']);
    const root = await api.root_folders({ max_results: 500 });
    assert.ok(root.folders.some((each) => each.path === 'tree'));
    holds(root, ['next_cursor', 'total_count']);
    assert.deepEqual((await api.sub_folders('tree')).folders.map((each) => each.path), ['tree/ü branch']);
    const moved = await api.rename_folder('tree/ü branch', 'tree/moved');
    assert.deepEqual(
      [moved.from, moved.to],
      [{ name: 'ü branch', path: 'tree/ü branch' }, { name: 'moved', path: 'tree/moved' }]
    );
    await uploader.upload(`${folder}/picture.png`, { public_id: 'set/in', asset_folder: 'tree/moved/leaf' });
    await refused(api.delete_folder('tree/moved/leaf'), 400, /empty/);
    await api.delete_resources(['set/in']);
    assert.ok((await api.delete_folder('tree/moved/leaf')).deleted.includes('tree/moved/leaf'));
    await refused(api.sub_folders('tree/none'), 404, /^Can't find folder with path tree\/none$/);
  },

  async 'a mapped folder is loaded from where it points'({ listener }) {
    const made = await api.create_upload_mapping('mapped', { template: 'https://example.com/' });
    assert.deepEqual([made.message, made.folder], ['created', 'mapped']);
    await refused(api.create_upload_mapping('mapped', { template: 'https://example.com/' }), 409, /exists/);
    assert.equal((await api.update_upload_mapping('mapped', { template: `${listener.url}/` })).message, 'updated');
    assert.equal((await api.upload_mapping('mapped')).template, `${listener.url}/`);
    const listed = await api.upload_mappings();
    assert.deepEqual([listed.mappings.length, listed.total_entries], [1, 1]);
    const url = `${base()}/node/image/upload/mapped/astronaut.jpg`;
    await eventually(async () => (await get(url)).status === 200, 'the mapping is known to the origin');
    assert.equal((await api.delete_upload_mapping('mapped')).message, 'deleted');
    await refused(api.upload_mapping('mapped'), 404, /mapped/);
  },

  async 'streaming profiles are kept'() {
    const names = (await api.list_streaming_profiles()).data.map((each) => each.name);
    for (const name of '4k full_hd hd sd full_hd_wifi full_hd_lean hd_lean'.split(' ')) assert.ok(names.includes(name), name);
    const { data } = await api.get_streaming_profile('4k');
    assert.equal(data.representations[0].transformation[0].width, 3840);
    const step = { crop: 'limit', width: 1200, height: 1200, bit_rate: '5m' };
    const representations = [{ transformation: { ...step } }]; // the SDK empties what it is given
    const made = await api.create_streaming_profile('mine', { display_name: 'Mine', representations });
    assert.deepEqual([made.message, made.data.name], ['created', 'mine']);
    assert.deepEqual(made.data.representations, [{ transformation: [step] }]);
    const changed = await api.update_streaming_profile('mine', { representations: [{ transformation: { width: 9 } }] });
    assert.deepEqual([changed.message, changed.data.representations], ['updated', [{ transformation: [{ width: 9 }] }]]);
    assert.equal((await api.delete_streaming_profile('mine')).message, 'deleted');
  },

  async 'a restricted asset is shown to who has a token'({ folder }) {
    const answer = await uploader.upload(`${folder}/picture.png`, {
      public_id: 'set/token', access_control: [{ access_type: 'token' }]
    });
    assert.deepEqual(answer.access_control, [{ access_type: 'token' }]);
    assert.equal((await get(answer.url)).status, 401);
    const token = utils.generate_auth_token({ key: process.env.TOKEN_KEY, duration: 300, acl: '/node/image/*' });
    assert.equal((await get(`${answer.url}?${token}`)).status, 200);
  }
};
