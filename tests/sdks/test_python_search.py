"""`cloudinary.Search` and `SearchFolders`, every verb of them, and the URL form (admin-api §13, signing §8)."""

import inspect
import json

import cloudinary
import pytest

from tests.sdks.python_sdk import api, get, holds, on, put
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("python_cloud")

FOUND = {  # admin-api §13
    *("asset_id", "public_id", "asset_folder", "filename", "display_name", "format", "version"),
    *("resource_type", "type", "created_at", "uploaded_at", "bytes", "backup_bytes", "width", "height"),
    *("aspect_ratio", "pixels", "url", "secure_url", "status", "access_mode", "access_control", "etag"),
    *("created_by", "uploaded_by"),
}


@pytest.fixture(scope="module", autouse=True)
def _assets(python_cloud: None) -> None:
    for number in range(3):
        put(f"sought/{number}", tags="sought", context={"shelf": str(number)}, asset_folder="sought/here")
    api.create_folder("sought/there")


def test_a_search_finds_sorts_pages_counts_and_shows_fields() -> None:
    search = (
        cloudinary.Search()
        .expression("tags=sought AND bytes>10")
        .sort_by("public_id", "desc")
        .max_results(2)
        .aggregate("format")
        .aggregate({"type": "bytes", "ranges": [{"key": "small", "to": 100000}]})
        .with_field("tags")
        .with_field("context")
    )
    first = search.execute()
    holds(first, {"total_count", "time", "resources", "next_cursor", "aggregations"})
    assert first["total_count"] == 3
    assert [each["public_id"] for each in first["resources"]] == ["sought/2", "sought/1"]
    holds(first["resources"][0], FOUND | {"tags", "context"})
    assert first["resources"][0]["context"] == {"shelf": "2"}
    assert first["resources"][0]["created_at"].endswith("+00:00")
    assert first["aggregations"] == {"format": {"png": 3}, "bytes": {"small": 3}}
    rest = search.next_cursor(first["next_cursor"]).execute()
    assert [each["public_id"] for each in rest["resources"]] == ["sought/0"]
    assert "next_cursor" not in rest
    few = (
        cloudinary.Search()
        .expression("tags=sought")
        .fields("tags")
        .fields(["bytes"])
        .execute()["resources"][0]
    )
    assert {"public_id", "asset_id", "tags", "bytes"} <= few.keys()
    assert "width" not in few
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"Query Error \(at position \d+\)"):
        cloudinary.Search().expression("tags:(").execute()


def test_a_search_is_a_signed_url_of_the_delivery_host(world: World) -> None:
    search = cloudinary.Search().expression("tags=sought").sort_by("public_id", "asc").max_results(1).ttl(60)
    assert json.loads(search.to_json()) == search.as_dict()
    response = get(on(world.ready["api_url"], search.to_url()))
    assert response.status == 200
    answer = json.loads(response.data)
    assert (answer["total_count"], answer["resources"][0]["public_id"]) == (3, "sought/0")
    assert "max-age=60" in response.headers["Cache-Control"]
    following = get(on(world.ready["api_url"], search.to_url(ttl=90, next_cursor=answer["next_cursor"])))
    assert json.loads(following.data)["resources"][0]["public_id"] == "sought/1"
    forged = get(on(world.ready["api_url"], search.to_url()).replace("/60/", "/61/"))
    assert forged.status == 401


def test_folders_are_sought_by_the_same_verbs() -> None:
    search = cloudinary.SearchFolders().expression("path:sought/*").sort_by("name", "asc").max_results(1)
    first = search.execute()
    holds(first, {"total_count", "time", "folders", "next_cursor"})
    assert (first["total_count"], [each["name"] for each in first["folders"]]) == (2, ["here"])
    holds(first["folders"][0], {"name", "path", "created_at", "external_id"})
    rest = search.next_cursor(first["next_cursor"]).execute()
    assert [each["path"] for each in rest["folders"]] == ["sought/there"]


def test_every_verb_of_a_search_is_used_above() -> None:
    """`SearchFolders` has the same."""
    verbs = {name for name, _ in inspect.getmembers(cloudinary.Search, inspect.isfunction) if name[0] != "_"}
    source = inspect.getsource(inspect.getmodule(test_folders_are_sought_by_the_same_verbs))  # type: ignore[arg-type]
    assert {name for name in verbs if f".{name}(" not in source} == set()
    assert cloudinary.Search().endpoint("resources").execute()["total_count"] >= 3
