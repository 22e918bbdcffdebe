'use strict';
// `api`: fields, entries and rules of structured metadata (admin-api §16).

const assert = require('node:assert/strict');
const { api, holds, refused } = require('./sdk');

const VALUES = [{ external_id: 'r', value: 'red' }, { external_id: 'b', value: 'blue' }];

module.exports = {
  async 'structured metadata has fields, entries and rules'() {
    const made = await api.add_metadata_field({
      external_id: 'colour', label: 'Colour', type: 'enum', datasource: { values: VALUES }
    });
    holds(made, 'type external_id label mandatory default_value validation datasource'.split(' '));
    await api.add_metadata_field({ external_id: 'age', label: 'Age', type: 'integer' });
    assert.equal((await api.metadata_field_by_field_id('colour')).label, 'Colour');
    assert.equal((await api.update_metadata_field('colour', { label: 'Color' })).label, 'Color');
    const fields = (await api.list_metadata_fields()).metadata_fields.map((each) => each.external_id);
    assert.ok(fields.includes('colour') && fields.includes('age'));
    const green = { external_id: 'g', value: 'green' };
    const more = await api.update_metadata_field_datasource('colour', { values: [green] });
    assert.deepEqual(more.values, [...VALUES, green]);
    const less = await api.delete_datasource_entries('colour', ['r']);
    assert.deepEqual(less.values.map((each) => each.external_id), ['b', 'g']);
    assert.equal((await api.restore_metadata_field_datasource('colour', ['r'])).values.length, 3);
    const ordered = await api.order_metadata_field_datasource('colour', 'value', 'desc');
    assert.deepEqual(ordered.values.map((each) => each.value), ['red', 'green', 'blue']);
    const labels = (await api.reorder_metadata_fields('label', 'desc')).metadata_fields.map((each) => each.label);
    assert.deepEqual(labels, [...labels].sort().reverse());
    const rule = await api.add_metadata_rule({
      metadata_field_id: 'age',
      name: 'only with a colour',
      condition: { metadata_field_id: 'colour', populated: true },
      result: { enable: true }
    });
    holds(rule, 'external_id metadata_field_id name condition result state'.split(' '));
    assert.deepEqual((await api.list_metadata_rules()).metadata_rules.map((each) => each.name), [rule.name]);
    assert.equal((await api.update_metadata_rule(rule.external_id, { name: 'renamed' })).name, 'renamed');
    assert.equal((await api.delete_metadata_rule(rule.external_id)).success, true);
    for (const name of ['colour', 'age']) assert.equal((await api.delete_metadata_field(name)).message, 'ok');
    await refused(
      api.add_metadata_field({ external_id: 'age', label: 'Again', type: 'string' }),
      400, /external id age already exists/
    );
  }
};
