"""Presets, structured metadata and streaming profiles by the official SDK for Node: other encodings, the same calls."""

from pathlib import Path

import pytest_twisted

from tests.support.images import as_bytes, quartered
from tests.support.node import NodeSdk, node_sdk
from tests.support.origins import RunningOrigin

__all__ = ["node_sdk"]

PRESETS = """
(async () => {
  const api = cloudinary.api, file = process.argv[1], say = each => tell(null, each);
  await api.create_upload_preset({
    name: "node", unsigned: true, folder: "nodes", tags: ["a", "b"], context: {x: "y=1|2"}, live: true,
    transformation: [{width: 8, crop: "scale"}], eager: [{width: 4, crop: "scale", format: "png"}],
  });
  say((await api.upload_preset("node")).settings);
  say(await uploader.unsigned_upload(file, "node", {tags: "c"}));
  await api.update_upload_preset("node", {disallow_public_id: true});
  await uploader.unsigned_upload(file, "node", {public_id: "x"}).catch(say);
  say((await api.upload_presets()).presets.map(each => each.name));
  say((await api.delete_upload_preset("node")).message);
})();
"""
METADATA = """
(async () => {
  const api = cloudinary.api, file = process.argv[1], say = each => tell(null, each);
  const values = [{external_id: "a", value: "A"}, {external_id: "b", value: "B"}];
  await api.add_metadata_field({external_id: "n_set", label: "N", type: "set", datasource: {values}});
  await api.add_metadata_field({external_id: "n_text", label: "T", type: "string"});
  const metadata = {n_set: ["a", "b"], n_text: 'say "x" = a|b'};
  say((await uploader.upload(file, {public_id: "by_node", metadata})).metadata);
  say((await api.update_metadata_field_datasource("n_set", {values: [{external_id: "a", value: "C"}]})).values);
  say((await api.delete_datasource_entries("n_set", ["a"])).values);
  say((await api.restore_metadata_field_datasource("n_set", ["a"])).values);
  say((await api.order_metadata_field_datasource("n_set", "value", "asc")).values);
  say((await api.reorder_metadata_fields("label", "desc")).metadata_fields.map(each => each.external_id));
  say((await api.update_metadata_field("n_set", {label: "M", default_value: ["b"]})).default_value);
  const rule = {metadata_field_id: "n_text", name: "r", condition: {metadata_field_id: "n_set", includes: ["a"]},
    result: {apply_value: {value: "ruled", mode: "default"}}};
  const made = await api.add_metadata_rule(rule);
  say((await uploader.upload(file, {metadata: {n_set: ["a"]}})).metadata);
  say((await api.update_metadata_rule(made.external_id, {...rule, name: "s"})).name);
  say((await api.list_metadata_rules()).metadata_rules.length);
  say((await api.delete_metadata_rule(made.external_id)).success);
  say(await uploader.update_metadata({n_text: "x"}, ["by_node"]));
  for (const each of ["n_set", "n_text"]) say((await api.delete_metadata_field(each)).message);
})();
"""
PROFILES = """
(async () => {
  const api = cloudinary.api, say = each => tell(null, each);
  const representations = [{transformation: {crop: "limit", width: 100, bit_rate: "5m"}}];
  say((await api.create_streaming_profile("Nodeish", {display_name: "N", representations})).data.name);
  say((await api.get_streaming_profile("nodeish")).data.representations);
  say((await api.update_streaming_profile("nodeish", {display_name: "M"})).data.display_name);
  say((await api.list_streaming_profiles()).data.length);
  say((await api.delete_streaming_profile("nodeish")).message);
})();
"""


def picture(folder: Path) -> str:
    (folder / "photo.jpg").write_bytes(as_bytes(quartered(20, 10), "JPEG"))
    return str(folder / "photo.jpg")


@pytest_twisted.ensureDeferred
async def test_presets(origin: RunningOrigin, node_sdk: NodeSdk, tmp_path: Path) -> None:
    settings, stored, refused, names, gone = await node_sdk.run(origin.url, PRESETS, picture(tmp_path))
    assert settings == {
        "folder": "nodes",
        "tags": ["a", "b"],
        "context": {"x": "y=1|2"},
        "live": True,
        "transformation": [{"width": 8, "crop": "scale"}],
        "eager": [[{"width": 4, "crop": "scale", "format": "png"}]],
    }
    assert (stored["public_id"][:6], stored["width"], sorted(stored["tags"])) == (
        "nodes/",
        8,
        ["a", "b", "c"],
    )
    assert [each["format"] for each in stored["eager"]] == ["png"]
    assert refused["message"] == "Public id parameter is not allowed by the upload preset"
    assert (names, gone) == (["node"], "deleted")


@pytest_twisted.ensureDeferred
async def test_structured_metadata(origin: RunningOrigin, node_sdk: NodeSdk, tmp_path: Path) -> None:
    """Node escapes each element of an array, not the array."""
    told = await node_sdk.run(origin.url, METADATA, picture(tmp_path))
    renamed, kept = {"external_id": "a", "value": "C"}, {"external_id": "b", "value": "B"}
    assert told == [
        {"n_set": ["a", "b"], "n_text": 'say "x" = a|b'},
        [renamed, kept],
        [kept],
        [renamed, kept],
        [kept, renamed],
        ["n_text", "n_set"],
        ["b"],
        {"n_set": ["a"], "n_text": "ruled"},
        "s",
        1,
        True,
        {"public_ids": ["by_node"]},
        "ok",
        "ok",
    ]


@pytest_twisted.ensureDeferred
async def test_streaming_profiles(origin: RunningOrigin, node_sdk: NodeSdk) -> None:
    told = await node_sdk.run(origin.url, PROFILES)
    transformation = [{"crop": "limit", "width": 100, "bit_rate": "5m"}]
    assert told == ["nodeish", [{"transformation": transformation}], "M", 8, "deleted"]
