'use strict';
// `uploader`: tags, context and metadata of many assets at once (upload-api §9).

const assert = require('node:assert/strict');
const { uploader, api, refused } = require('./sdk');

const NAMES = ['many/one', 'many/two'];
const tagsOf = async (name) => (await api.resource(name)).tags || [];
const contextOf = async (name) => ((await api.resource(name)).context || { custom: {} }).custom;

async function assets(folder) {
  for (const name of NAMES) {
    await uploader.upload(`${folder}/picture.png`, { public_id: name, tags: 'start', context: { start: 'yes' } });
  }
}

module.exports = {
  async 'tags are added, removed and replaced'({ folder }) {
    await assets(folder);
    assert.deepEqual(await uploader.add_tag('b,a', [...NAMES, 'many/none']), { public_ids: NAMES });
    assert.deepEqual(await tagsOf('many/one'), ['a', 'b', 'start']);
    // This version of the SDK loses `exclusive` on the way (it takes it out of the wrong argument).
    assert.deepEqual(await uploader.remove_tag('start', NAMES), { public_ids: NAMES });
    assert.deepEqual(await uploader.replace_tag('only', ['many/one']), { public_ids: ['many/one'] });
    assert.deepEqual([await tagsOf('many/one'), await tagsOf('many/two')], [['only'], ['a', 'b']]);
    assert.deepEqual(await uploader.remove_all_tags(NAMES), { public_ids: NAMES });
    assert.deepEqual(await tagsOf('many/two'), []);
    await refused(uploader.add_tag('', NAMES), 400, /tag/);
  },

  async 'context is merged and removed'({ folder }) {
    await assets(folder);
    assert.deepEqual(await uploader.add_context({ alt: 'a|b=c', start: '' }, NAMES), { public_ids: NAMES });
    assert.deepEqual(await contextOf('many/one'), { alt: 'a|b=c' });
    assert.deepEqual(await uploader.remove_all_context(NAMES), { public_ids: NAMES });
    assert.deepEqual(await contextOf('many/one'), {});
  },

  async 'structured metadata is set on many'({ folder }) {
    await assets(folder);
    await api.add_metadata_field({ external_id: 'owner', label: 'Owner', type: 'string' });
    assert.deepEqual(await uploader.update_metadata({ owner: 'Ada|L' }, NAMES), { public_ids: NAMES });
    assert.deepEqual((await api.resource('many/two')).metadata, { owner: 'Ada|L' });
    await refused(uploader.update_metadata({ no: 'x' }, NAMES), 400, /The following metadata fields do not exist: \["no"\]/);
    await api.delete_metadata_field('owner');
  }
};
