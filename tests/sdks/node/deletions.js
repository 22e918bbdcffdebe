'use strict';
// `api`: deletions, backups and restoring (admin-api §7, §8).

const assert = require('node:assert/strict');
const { uploader, api, holds } = require('./sdk');

const put = (folder, name, options) => uploader.upload(`${folder}/picture.png`, { public_id: name, ...options });

module.exports = {
  async 'assets are deleted by whatever they have'({ folder }) {
    for (const name of ['del/a', 'del/b', 'del/c', 'kept/d']) {
      await put(folder, name, { eager: { width: 6, crop: 'scale' }, tags: name === 'del/b' ? 'del' : 'other' });
    }
    const derived = await api.delete_derived_by_transformation(['kept/d'], { width: 6, crop: 'scale' });
    assert.deepEqual(derived.deleted_counts, { 'kept/d': { original: 0, derived: 1 } });
    const answer = await api.delete_resources(['del/a', 'del/none']);
    assert.deepEqual(answer.deleted, { 'del/a': 'deleted', 'del/none': 'not_found' });
    assert.deepEqual(answer.deleted_counts['del/a'], { original: 1, derived: 1 });
    assert.equal(answer.partial, false);
    assert.deepEqual((await api.delete_resources_by_tag('del')).deleted, { 'del/b': 'deleted' });
    assert.deepEqual((await api.delete_resources_by_prefix('del/')).deleted, { 'del/c': 'deleted' });
    const { asset_id } = await api.resource('kept/d');
    assert.deepEqual((await api.delete_resources_by_asset_ids([asset_id])).deleted, { [asset_id]: 'deleted' });
    await put(folder, 'all/one', { type: 'authenticated' });
    assert.deepEqual((await api.delete_all_resources({ type: 'authenticated' })).deleted, { 'all/one': 'deleted' });
  },

  async 'what was deleted is restored from its backup'({ folder }) {
    const first = await put(folder, 'back/one', { backup: true });
    await api.delete_resources(['back/one']);
    const placeholder = await api.resource('back/one');
    assert.deepEqual([placeholder.placeholder, placeholder.bytes], [true, 0]);
    const restored = await api.restore(['back/one', 'back/never']);
    holds(restored['back/one'], ('asset_id public_id version version_id signature width height format resource_type '
      + 'created_at tags bytes type placeholder asset_folder').split(' '));
    assert.equal(restored['back/one'].asset_id, first.asset_id);
    assert.deepEqual(restored['back/never'], { error: 'no_backup' });
    await api.delete_resources(['back/one']);
    assert.equal((await api.restore_by_asset_ids(first.asset_id))[first.asset_id].public_id, 'back/one');
    const versions = (await api.resource('back/one', { versions: true })).versions.map((each) => each.version_id);
    const gone = await api.delete_backed_up_assets(first.asset_id, versions);
    assert.deepEqual([gone.asset_id, [...gone.deleted_version_ids].sort()], [first.asset_id, versions.sort()]);
  }
};
