'use strict';
// `search` and `search_folders`, every verb of them, and the URL form (admin-api §13, signing §8).

const assert = require('node:assert/strict');
const { uploader, api, search, search_folders, holds, refused, get, onWorld } = require('./sdk');

const FOUND = ('asset_id public_id asset_folder filename display_name format version resource_type type created_at '
  + 'uploaded_at bytes backup_bytes width height aspect_ratio pixels url secure_url status access_mode access_control '
  + 'etag created_by uploaded_by').split(' ');
const ids = (answer) => answer.resources.map((each) => each.public_id);

module.exports = {
  async 'a search finds, sorts, pages, counts and shows fields'({ folder }) {
    for (const number of [0, 1, 2]) {
      await uploader.upload(`${folder}/picture.png`, {
        public_id: `sought/${number}`, tags: 'sought', context: { shelf: String(number) }, asset_folder: 'sought/here'
      });
    }
    const query = search.expression('tags=sought AND bytes>10').sort_by('public_id', 'desc').max_results(2)
      .aggregate('format').with_field('tags').with_field('context');
    const first = await query.execute();
    holds(first, ['total_count', 'time', 'resources', 'next_cursor', 'aggregations']);
    assert.deepEqual([first.total_count, ids(first)], [3, ['sought/2', 'sought/1']]);
    holds(first.resources[0], [...FOUND, 'tags', 'context']);
    assert.deepEqual(first.resources[0].context, { shelf: '2' });
    assert.deepEqual(first.aggregations, { format: { png: 3 } });
    assert.deepEqual(ids(await query.next_cursor(first.next_cursor).execute()), ['sought/0']);
    const [few] = (await search.fields('tags').expression('tags=sought').execute()).resources;
    assert.ok('tags' in few && !('width' in few));
    await refused(search.expression('tags:(').execute(), 400, /^Query Error \(at position \d+\)/);
    await refused(api.search({ expression: 'tags:(' }), 400, /^Query Error/);
  },

  async 'a search is a signed URL of the delivery host'() {
    const query = search.ttl(60).expression('tags=sought').sort_by('public_id', 'asc').max_results(1);
    const response = await get(onWorld(query.to_url()));
    assert.equal(response.status, 200);
    const answer = JSON.parse(response.body);
    assert.deepEqual([answer.total_count, ids(answer)], [3, ['sought/0']]);
    assert.match(response.headers.get('cache-control'), /max-age=60/);
    const next = await get(onWorld(query.to_url(90, answer.next_cursor)));
    assert.deepEqual(ids(JSON.parse(next.body)), ['sought/1']);
    assert.equal((await get(onWorld(query.to_url()).replace('/60/', '/61/'))).status, 401);
  },

  async 'every verb begins a search'() {
    for (const begun of [
      search.instance(), search.max_results(1), search.next_cursor(''), search.aggregate('type'),
      search.with_field('tags'), search.sort_by('public_id')
    ]) {
      assert.ok((await begun.max_results(1).execute()).total_count >= 3);
    }
    assert.ok((await search.execute()).total_count >= 3);
  },

  async 'folders are sought by the same verbs'() {
    await api.create_folder('sought/there');
    const query = search_folders.expression('path:sought/*').sort_by('name', 'asc').max_results(1);
    const first = await query.execute();
    holds(first, ['total_count', 'time', 'folders', 'next_cursor']);
    assert.deepEqual([first.total_count, first.folders[0].name], [2, 'here']);
    holds(first.folders[0], ['name', 'path', 'created_at', 'external_id']);
    const rest = await query.next_cursor(first.next_cursor).execute();
    assert.deepEqual(rest.folders.map((each) => each.path), ['sought/there']);
    assert.equal((await api.search_folders({ expression: 'path=sought/there' })).total_count, 1);
    for (const begun of [search_folders.instance(), search_folders.max_results(1), search_folders.sort_by('name')]) {
      assert.ok((await begun.execute()).total_count >= 2);
    }
    assert.ok((await search_folders.execute()).total_count >= 2);
  }
};
