"""sim.explain: what a URL or a chain comes to, for any bytes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.plan import SourceFacts
from sim.cli import main
from sim.explain import Question, as_json, read_source

URL = "https://res.cloudinary.com/demo/image/upload/s--abcdefgh--/c_fill,w_100,h_50/f_webp/v12/shop/shoe.jpg"


def explained(*arguments: str, lines: bytes = b"") -> tuple[int, Any]:
    result = CliRunner().invoke(main, ["explain", *arguments], input=lines)
    return result.exit_code, json.loads(result.stdout)


def test_a_url_is_told_part_by_part() -> None:
    """Its pieces, raw and decoded; the plan; what comes out."""
    code, told = explained(URL)
    assert code == 0
    url = told["url"]
    assert (url["cloud"], url["asset_type"], url["delivery_type"]) == ("demo", "image", "upload")
    assert (url["signature"], url["version"], url["form"]) == ("abcdefgh", "12", "full")
    assert (url["public_id"], url["extension"]) == ("shop/shoe", "jpg")
    assert told["components"] == [[["c", "fill"], ["w", "100"], ["h", "50"]], [["f", "webp"]]]
    assert told["canonical"] == "c_fill,h_50,w_100/f_webp"
    assert told["plan"]["operations"][0]["op"] == "resample"
    assert told["output"] == {"width": 100, "height": 50, "format": "webp"}


def test_a_url_is_told_what_edges_make_of_it(tmp_path: Path) -> None:
    """Those that play CloudFront have rules for paths; the others have nothing to say."""
    file = tmp_path / "topology.yaml"
    file.write_text(
        """clouds: {demo: {api_key: "1", api_secret: secret}}
regions: {east: {at: [39, -77]}}
origins: {main: {region: east}}
pops:
  plain: {region: east, upstream: main}
  front: {region: east, upstream: main, edge: {personality: cloudfront, cloudfront: {id: EONE, behaviors: [
    {path_pattern: "demo/image/*.css", methods: read, cache_policy: CachingDisabled}]}}}
"""
    )
    for url, behavior, most in (
        ("http://a.test/demo/image/upload/x.css?v=1", "demo/image/*.css", 0),
        ("/demo/image/upload/x.jpg", "default", 31_536_000),
    ):
        _, told = explained(url, "--topology", str(file))
        assert list(told["edges"]) == ["front"]
        front = told["edges"]["front"]
        assert (front["behavior"], front["ttl"]["most"], front["signature"]) == (behavior, most, False)


def test_a_chain_is_planned_for_the_source_and_the_viewer_told() -> None:
    """So that branches, hints and formats can be tried out."""
    viewer = ("--accept", "image/avif,*/*", "--dpr", "1.5", "--width", "590")
    code, told = explained("c_limit,w_auto/dpr_auto,f_auto", "--source", "900x300:alpha", *viewer)
    assert code == 0
    picture = {"width": 600, "height": 200, "format": "avif", "formats": ["avif", "png"]}
    assert told["output"] == picture  # a drawing may be smaller as PNG
    assert "Accept" in told["vary"]
    assert "url" not in told
    code, told = explained("if_pc_gt_1,w_5", "--source", "100x100:frames=3", "--named", "a=w_1")
    assert told["output"] == {"width": 5, "height": 5, "format": "gif"}
    code, told = explained("t_a", "--named", "a=w_7")
    assert told["canonical"] == "c_scale,w_7"


@pytest.mark.parametrize(
    ("url", "format_"),
    [
        ("/demo/image/list/v1/dog.json", "jpg"),
        ("/demo/image/sprite/w_9/dog.css", "png"),
        ("/demo/image/sprite/w_9/dog.jpg", "png"),
        ("/demo/image/multi/w_9/dog.zip", "jpg"),
        ("/demo/image/multi/w_9/dog.webp", "webp"),
    ],
)
def test_a_url_of_a_tag_tells_what_is_made_of_each_image(url: str, format_: str) -> None:
    """delivery-urls.md §8.7."""
    told = Question().answer(url.encode())
    assert told["output"]["format"] == format_
    assert "error" not in told


def test_an_image_is_known_by_its_public_id() -> None:
    """`$id_current:public_id` is the URL's, or an example's."""
    chain = "$id_current:public_id/l_text:Arial_20:$(id)"
    for question in (chain, f"/demo/image/upload/{chain}/v1/a/b.jpg"):
        assert "plan" in Question().answer(question.encode())


def test_a_baseline_is_told_before_what_is_made_of_it() -> None:
    """The rest of the chain is planned for what it leaves."""
    answer = Question(named={"card": "c_fill,f_png,h_300,w_400"}).answer(b"bl_card/w_0.5")
    assert answer["baseline"] == {"width": 400, "height": 300, "format": "png"}
    assert answer["components"] == [[("bl", "card")], [("w", "0.5")]]
    assert answer["output"] == {"width": 200, "height": 150, "format": "png"}


def test_a_baseline_without_a_format_of_its_own_is_refused_as_delivery_does() -> None:
    """§10."""
    for definition in ("w_100", "w_100,f_auto"):
        answer = Question(named={"nof": definition}).answer(b"bl_nof/w_50")
        assert answer["error"] == {
            "status": 400,
            "message": "bl_nof needs a transformation with a format of its own (f_), not auto",
        }
        assert "plan" not in answer
    branched = Question(named={"nof": "if_w_gt_1,w_100/f_png"}).answer(b"bl_nof/w_0.5")
    assert branched["output"] == {"width": 50, "height": 38, "format": "png"}


def test_layers_are_assumed_to_be_of_a_size() -> None:
    """Only a catalogue knows an image, only a renderer the size of words: the answer says what was assumed."""
    code, told = explained("l_a:b/fl_layer_apply/l_text:Arial_20:Hi/w_w_div_2", "--layer", "5000x10")
    assert code == 0
    assert told["assumed_layers"] == ["a/b", "text:Arial_20"]
    assert told["output"]["width"] == 2500


def test_what_only_pixels_tell_is_assumed_too() -> None:
    """No faces, all parts alike, nothing to trim: the answer says so, and where a source would differ."""
    code, told = explained("e_trim/c_fill,g_auto,h_9,w_5/l_b/c_thumb,g_face,w_2/fl_layer_apply,g_face")
    assert code == 0
    nobody = "no faces, no illustration, all parts matter alike"
    assert told["assumed_sights"] == {"the image": nobody}
    assert told["assumed_margins"] == "nothing to trim"
    code, told = explained("w_300/l_a:b/a_90/e_trim/fl_layer_apply", "--layer", "50x10")
    assert told["assumed_layers"] == ["a/b"]
    assert told["plan"]["operations"][-1]["left"] == 145
    code, told = explained("l_b/c_thumb,g_face,w_2/fl_layer_apply")
    assert told["assumed_sights"] == {"b": nobody}
    assert "assumed_sights" not in explained("c_fill,g_north,w_5")[1]


@pytest.mark.parametrize(
    ("question", "status", "message"),
    [
        ("w_abc", 400, "Invalid width in transformation: abc"),
        ("foo", 400, "Invalid transformation component - foo"),
        ("t_none", 400, "Unknown transformation none"),
        ("/demo/image/nothing/w_1/a.jpg", 404, "Resource not found - a"),
        ("/demo/video/upload/w_1/a.mp4", 400, "Transformations are not supported for video files"),
        ("/demo/image/upload/s--abc--/a.jpg", 401, "deny or ACL failure"),
    ],
)
def test_a_refusal_is_told_with_its_status(question: str, status: int, message: str) -> None:
    """And the exit code says that it is one."""
    code, told = explained(question)
    assert code == 1
    assert (told["error"]["status"], told["error"]["message"]) == (status, message)
    assert "plan" not in told


def test_a_refused_value_is_told_with_what_is_allowed() -> None:
    """Beside the message, whose text is the sheet's."""
    _, told = explained("e_blurr")
    assert told["error"]["allowed"] == 'no such effect (did you mean "blur"?)'


def test_lines_are_answered_one_by_one() -> None:
    """Bytes that are no text included; nothing ends the conversation."""
    lines = [b"w_5", b"", b"\xff\xfe", URL.encode(), b"w_$x", b"/\x00", "w_5,l_text:ü".encode()]
    result = CliRunner().invoke(main, ["explain", "--jsonl"], input=b"\r\n".join(lines))
    assert result.exit_code == 0
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each.get("output", {}).get("width") for each in answers[:4]] == [5, 4000, None, 100]
    assert [each["error"]["status"] for each in answers[4:6]] == [400, 404]
    assert len(answers) == len(lines)


@given(st.binary(max_size=60) | st.text("if_w$t.:!/,%2Cahelu5-", max_size=60).map(str.encode))
def test_any_bytes_get_an_answer(line: bytes) -> None:
    """That is JSON, with an output or an error, never both."""
    told = json.loads(as_json(Question().answer(line)))
    if "url" not in told or told["url"]["asset_type"] == "image":
        assert ("output" in told) != ("error" in told)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("4000x3000", SourceFacts(4000, 3000, "jpg")),
        ("40x30:alpha", SourceFacts(40, 30, "png", has_alpha=True)),
        ("40x30:frames=12", SourceFacts(40, 30, "gif", frames=12)),
        (
            "40x30:alpha:frames=2:format=webp:orientation=6",
            SourceFacts(40, 30, "webp", has_alpha=True, frames=2, orientation=6),
        ),
    ],
)
def test_a_source_is_told_in_short(text: str, facts: SourceFacts) -> None:
    """A format that can hold it, unless one is named."""
    assert read_source(text) == facts


@pytest.mark.parametrize(
    "text",
    ["", "40", "0x5", "40x30:", "40x30:frames=x", "40x30:colour", "40x30:orientation=9", "1x1:format=x"],
)
def test_a_source_that_cannot_be_is_a_usage_error(text: str) -> None:
    """Exit code 2, as for any option."""
    assert CliRunner().invoke(main, ["explain", "w_5", "--source", text]).exit_code == 2


def test_one_question_or_many() -> None:
    """Neither is no question."""
    assert CliRunner().invoke(main, ["explain"]).exit_code == 2
    assert CliRunner().invoke(main, ["explain", "w_5", "--jsonl"]).exit_code == 2
