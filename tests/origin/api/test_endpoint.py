"""Which endpoint a path means, and what its parameters must be."""

import pytest

from origin.api.endpoint import Call, Endpoint, Json, Kind, Param, Pattern
from wire.errors import InvalidRequest


async def nothing(call: Call) -> Json:
    return {}


def exact(path: str, *patterns: str) -> str | None:
    """The most exact of the patterns that fit."""
    made = sorted((Endpoint("GET", each, nothing) for each in patterns), key=lambda each: each.pattern.rank)
    return next((each.pattern.text for each in made if each.pattern.match(path) is not None), None)


RESOURCES = (
    "resources/{resource_type}/{type}/{public_id...}",
    "resources/{asset_id}",
    "resources/{resource_type}",
    "resources/{resource_type}/tags/{tag...}",
    "resources/{resource_type}/{type}",
    "resources/search",
)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("resources/search", "resources/search"),
        ("resources/image", "resources/{resource_type}"),
        ("resources/" + "0a" * 16, "resources/{asset_id}"),
        ("resources/" + "0A" * 16, None),
        ("resources/image/upload", "resources/{resource_type}/{type}"),
        ("resources/image/upload/a/b c", "resources/{resource_type}/{type}/{public_id...}"),
        ("resources/image/upload/a\nb", "resources/{resource_type}/{type}/{public_id...}"),
        ("resources/image/tags/a/b", "resources/{resource_type}/tags/{tag...}"),
        ("resources/image/tags", None),
        ("resources/bogus/upload", None),
        ("resources/image/upload/", None),
    ],
)
def test_the_most_exact_pattern_answers(path: str, pattern: str | None) -> None:
    wanted = None if pattern is None else "/v1_1/{cloud}/" + pattern
    assert exact(f"/v1_1/demo/{path}", *RESOURCES) == wanted


def test_names_stand_for_their_part_of_the_path() -> None:
    pattern = Pattern("/v2/notifications/{cloud}/x/{rest...}")
    assert pattern.match("/v2/notifications/demo/x/a/b") == {"cloud": "demo", "rest": "a/b"}
    assert pattern.match("/v2/notifications/demo/x") is None
    assert pattern.names == ("cloud", "rest")


def test_literals_are_no_expressions() -> None:
    assert Pattern("/a.b/{cloud}").match("/axb/demo") is None


@pytest.mark.parametrize(
    ("param", "params", "said"),
    [
        (Param("x", required=True), {}, "Missing required parameter - x"),
        (Param("x", required=True), {"x": ""}, "Missing required parameter - x"),
        (Param("x", Kind.FLAG), {"x": "maybe"}, "Invalid value for parameter x: maybe"),
        (Param("x", Kind.INTEGER), {"x": "-1"}, "Invalid value for parameter x: -1"),
    ],
)
def test_a_parameter_that_will_not_do_is_named(param: Param, params: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        param.check(dict(params))
    assert refused.value.public == said


def test_parameters_that_will_do_pass() -> None:
    for param in (Param("x"), Param("x", Kind.FLAG), Param("x", Kind.INTEGER), Param("x", Kind.LIST)):
        param.check({})
        param.check({"x": "1"})
