'use strict';
// `api`: the account, listings, details and changes of assets (admin-api §3–§6, §9).

const assert = require('node:assert/strict');
const { uploader, api, analysis, LISTED, holds, refused, get } = require('./sdk');

const ids = (answer) => answer.resources.map((each) => each.public_id);

async function put(folder, name, options = {}) {
  return uploader.upload(`${folder}/picture.png`, { public_id: name, ...options });
}

module.exports = {
  async 'the account tells what it is'() {
    const pinged = await api.ping();
    assert.equal(pinged.status, 'ok');
    assert.equal(pinged.rate_limit_allowed, 10_000);
    assert.ok(pinged.rate_limit_remaining > 0 && pinged.rate_limit_reset_at > new Date());
    assert.deepEqual((await api.resource_types()).resource_types, ['image', 'raw', 'video']);
    const told = await api.config({ settings: true });
    assert.deepEqual([told.cloud_name, told.settings], ['node', { folder_mode: 'dynamic' }]);
    holds(await api.usage(), ('plan last_updated transformations objects bandwidth storage requests resources '
      + 'derived_resources media_limits').split(' '));
    const [year, month, day] = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10).split('-');
    assert.ok(!('limit' in (await api.usage({ date: `${day}-${month}-${year}` })).bandwidth));
  },

  async 'assets are listed by whatever they have'({ folder }) {
    for (const number of [0, 1, 2]) {
      await put(folder, `adm/${number}`, { tags: ['adm', `adm-${number}`], context: { shelf: String(number) }, asset_folder: 'adm' });
    }
    const wanted = { type: 'upload', prefix: 'adm/', max_results: 2, direction: 'asc' };
    const first = await api.resources({ ...wanted, tags: true, context: true });
    assert.deepEqual(ids(first), ['adm/0', 'adm/1']);
    holds(first.resources[0], [...LISTED, 'tags', 'context']);
    assert.deepEqual(ids(await api.resources({ ...wanted, next_cursor: first.next_cursor })), ['adm/2']);
    assert.equal(ids(await api.resources({ type: 'upload', start_at: new Date(0), max_results: 1 })).length, 1);
    assert.equal(ids(await api.resources_by_tag('adm', { fields: ['public_id', 'bytes'] })).length, 3);
    assert.deepEqual(ids(await api.resources_by_tag('no such tag')), []);
    assert.deepEqual(ids(await api.resources_by_context('shelf', '1')), ['adm/1']);
    assert.equal(ids(await api.resources_by_context('shelf', null)).length, 3);
    assert.deepEqual(ids(await api.resources_by_ids(['adm/0', 'adm/2', 'adm/none'])).sort(), ['adm/0', 'adm/2']);
    const known = first.resources.map((each) => each.asset_id);
    assert.deepEqual(ids(await api.resources_by_asset_ids(known)).sort(), ['adm/0', 'adm/1']);
    const inFolder = await api.resources_by_asset_folder('adm', { max_results: 1 });
    assert.deepEqual([inFolder.total_count, inFolder.resources.length], [3, 1]);
    await refused(api.resources_by_asset_folder('adm/none'), 404, /adm\/none/);
    await put(folder, 'adm-held', { moderation: 'manual' });
    const held = await api.resources_by_moderation('manual', 'pending', { moderations: true, max_results: 1 });
    assert.deepEqual([held.resources[0].moderation_kind, held.resources[0].moderation_status], ['manual', 'pending']);
    assert.deepEqual((await api.tags({ prefix: 'adm-', max_results: 2 })).tags, ['adm-0', 'adm-1']);
  },

  async 'the details of an asset by either name'({ folder }) {
    const made = await put(folder, 'adm/a folder/whole', { tags: 'z,a', eager: { width: 7, crop: 'scale' } });
    const flags = ('colors faces exif image_metadata media_metadata pages phash coordinates versions related '
      + 'accessibility_analysis cinemagraph_analysis').split(' ');
    const detail = await api.resource('adm/a folder/whole', Object.fromEntries(flags.map((name) => [name, true])));
    holds(detail, [...LISTED, ...'derived tags colors predominant faces phash image_metadata versions'.split(' ')]);
    holds(detail, ['accessibility_analysis', 'cinemagraph_analysis']);
    assert.deepEqual(detail.tags, ['a', 'z']);
    holds(detail.derived[0], ['transformation', 'format', 'bytes', 'id', 'url', 'secure_url']);
    assert.equal((await api.resource_by_asset_id(made.asset_id)).public_id, 'adm/a folder/whole');
    const { id } = detail.derived[0];
    assert.deepEqual((await api.delete_derived_resources([id])).deleted, { [id]: 'deleted' });
    await refused(api.resource('adm/none'), 404, /^Resource not found - adm\/none$/);
  },

  async 'an asset is changed'({ folder }) {
    await put(folder, 'adm/change', { moderation: 'manual', context: 'old=1' });
    const changed = await api.update('adm/change', {
      tags: ['b', 'a'],
      context: { new: '2' },
      moderation_status: 'approved',
      face_coordinates: [[1, 2, 30, 40]],
      custom_coordinates: [1, 2, 300, 400],
      display_name: 'Changed',
      asset_folder: 'elsewhere'
    });
    holds(changed, [...LISTED, 'moderation', 'moderation_kind', 'moderation_status']);
    assert.deepEqual([changed.tags, changed.context], [['a', 'b'], { custom: { new: '2' } }]);
    assert.equal(changed.moderation_status, 'approved');
    holds(changed.moderation[0], ['kind', 'status', 'updated_at']);
    const { coordinates } = await api.resource('adm/change', { coordinates: true });
    assert.deepEqual(coordinates, { faces: [[1, 2, 30, 40]], custom: [[1, 2, 300, 400]] });
    await refused(api.update('adm/change', { raw_convert: 'illegal' }), 400, /^Illegal value/);
  },

  async 'hidden assets are published, open ones hidden'({ folder }) {
    await put(folder, 'pub/id', { type: 'private' });
    await put(folder, 'pre/fix', { type: 'private' });
    await put(folder, 'pub/tag', { type: 'private', tags: 'publish' });
    for (const [answer, name] of [
      [await api.publish_by_ids(['pub/id'], { type: 'private' }), 'pub/id'],
      [await api.publish_by_prefix('pre/'), 'pre/fix'],
      [await api.publish_by_tag('publish'), 'pub/tag']
    ]) {
      assert.deepEqual(answer.published.map((each) => [each.public_id, each.type]), [[name, 'upload']]);
      assert.equal((await get(answer.published[0].url)).status, 200);
    }
    for (const [answer, name] of [
      [await api.update_resources_access_mode_by_ids('authenticated', ['pub/id']), 'pub/id'],
      [await api.update_resources_access_mode_by_prefix('authenticated', 'pre/'), 'pre/fix'],
      [await api.update_resources_access_mode_by_tag('authenticated', 'publish'), 'pub/tag']
    ]) {
      assert.deepEqual(answer.updated.map((each) => [each.public_id, each.access_mode]), [[name, 'authenticated']]);
      assert.deepEqual(answer.failed, []);
    }
  },

  async 'assets are related both ways'({ folder }) {
    const [one, two] = [await put(folder, 'rel/one'), await put(folder, 'rel/two')];
    const success = (asset) => [{ message: 'success', code: 'success_ids', asset, status: 200 }];
    const related = await api.add_related_assets('rel/one', 'image/upload/rel/two');
    assert.deepEqual(related.success, success('image/upload/rel/two'));
    const shown = (await api.resource('rel/two', { related: true })).related_assets;
    assert.deepEqual(shown.map((each) => each.public_id), ['rel/one']);
    assert.deepEqual((await api.delete_related_assets('rel/one', ['image/upload/rel/two'])).failed, []);
    const again = await api.add_related_assets_by_asset_id(one.asset_id, [two.asset_id]);
    assert.deepEqual(again.success, success(two.asset_id));
    assert.deepEqual((await api.delete_related_assets_by_asset_id(one.asset_id, two.asset_id)).failed, []);
  },

  async 'what needs a model is refused'({ folder, listener }) {
    const subscription = /^You don't have an active subscription for/;
    await refused(api.visual_search({ text: 'a cat' }), 420, subscription);
    await refused(api.visual_search({ image_file: `${folder}/picture.png` }), 420, subscription);
    await refused(analysis.analyze_uri(`${listener.url}/astronaut.jpg`, 'captioning'), 420, subscription);
  }
};
