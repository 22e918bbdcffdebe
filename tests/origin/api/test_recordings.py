"""Video and audio: taken in, told of, listed, delivered as they are."""

from pathlib import Path

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from tests.support.images import ASTRONAUT
from tests.support.origins import RunningOrigin
from tests.support.recordings import CLIP, RECORDINGS, TONE, TURNED, needs_mediainfo

pytestmark = needs_mediainfo


@pytest_twisted.ensureDeferred
async def test_a_video_is_stored_and_told_of(origin: RunningOrigin) -> None:
    answer = await origin.upload(str(CLIP), public_id="clip", resource_type="video")
    assert (answer["resource_type"], answer["format"], answer["bytes"]) == (
        "video",
        "mp4",
        CLIP.stat().st_size,
    )
    assert (answer["width"], answer["height"], answer["duration"]) == (64, 48, 0.5)
    assert (answer["frame_rate"], answer["nb_frames"], answer["rotation"]) == (10.0, 5, 0)
    assert answer["video"]["codec"] == "h264"
    assert answer["audio"]["channels"] == 2
    assert answer["is_audio"] is False
    assert answer["playback_url"] == answer["secure_url"]
    assert answer["url"].endswith(f"/demo/video/upload/v{answer['version']}/clip.mp4")
    assert "pages" not in answer
    detail = await origin.called(cloudinary.api.resource, "clip", resource_type="video", media_metadata=True)
    assert (detail["duration"], detail["video"]) == (0.5, answer["video"])
    assert detail["image_metadata"]["VideoFormat"] == "AVC"
    listed = await origin.called(cloudinary.api.resources, resource_type="video", prefix="clip")
    assert [each["public_id"] for each in listed["resources"]] == ["clip"]


@pytest_twisted.ensureDeferred
async def test_a_video_is_delivered_byte_by_byte(origin: RunningOrigin) -> None:
    """Whole, in ranges as players ask, and for saving; never changed."""
    await origin.upload(str(CLIP), public_id="films/played", resource_type="video")
    whole = await origin.get("/demo/video/upload/films/played.mp4")
    assert (whole.status, whole.headers["content-type"], whole.body) == (200, "video/mp4", CLIP.read_bytes())
    assert (await origin.get("/demo/video/upload/films/played")).body == CLIP.read_bytes()
    part = await origin.get("/demo/video/upload/films/played.mp4", Range="bytes=10-19")
    assert (part.status, part.body) == (206, CLIP.read_bytes()[10:20])
    saved = await origin.get("/demo/video/upload/fl_attachment/films/played.mp4")
    assert saved.headers["content-disposition"].startswith('attachment; filename="clip.mp4"')
    for path, sentence in (
        ("w_100/films/played.mp4", "Transformations are not supported for video files"),
        ("films/played.webm", "Converting mp4 to webm is not supported for video files"),
        ("films/played.jpg", "Converting mp4 to jpg is not supported for video files"),
    ):
        refused = await origin.get(f"/demo/video/upload/{path}")
        assert (refused.status, refused.headers["x-cld-error"]) == (400, sentence)


@pytest_twisted.ensureDeferred
async def test_sound_is_video_without_a_picture(origin: RunningOrigin) -> None:
    answer = await origin.upload(str(TONE), public_id="tone", resource_type="video")
    assert (answer["is_audio"], answer["format"], answer["audio"]["codec"]) == (True, "mp3", "mp3")
    assert not {"width", "height", "video"} & set(answer)
    assert (await origin.get("/demo/video/upload/tone.mp3")).headers["content-type"] == "audio/mpeg"


@pytest_twisted.ensureDeferred
async def test_a_turned_video(origin: RunningOrigin) -> None:
    answer = await origin.upload(str(TURNED), public_id="turned", resource_type="video")
    assert (answer["width"], answer["height"], answer["rotation"]) == (48, 64, 90)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        *((RECORDINGS / name, "video") for name in ("clip.mp4", "clip.webm", "clip.mkv", "tone.wav")),
        (ASTRONAUT, "image"),
        (Path(__file__), "raw"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
@pytest_twisted.ensureDeferred
async def test_auto_tells_them_apart(origin: RunningOrigin, path: Path, found: str) -> None:
    answer = await origin.upload(str(path), resource_type="auto")
    assert answer["resource_type"] == found


@pytest.mark.parametrize(
    ("kind", "name", "data", "fields", "sentence"),
    [
        ("video", "a.mp4", b"rubbish" * 50, {}, "Unsupported video format or file"),
        ("video", "a.mp4", CLIP.read_bytes()[:900], {}, "Unsupported video format or file"),
        ("video", "a.jpg", ASTRONAUT.read_bytes(), {}, "Unsupported video format or file"),
        ("auto", "a.mp4", CLIP.read_bytes()[:900], {}, "Unsupported video format or file"),
        ("video", "a.mp4", b"", {}, "Empty file"),
        ("image", "a.mp4", CLIP.read_bytes(), {}, "Invalid image file"),
        (
            "video",
            "a.mp4",
            CLIP.read_bytes(),
            {"allowed_formats": "webm"},
            "Video file format mp4 not allowed",
        ),
        (
            "video",
            "a.mp4",
            CLIP.read_bytes(),
            {"transformation": "w_10"},
            "Transformations are not supported for video files",
        ),
        (
            "video",
            "a.mp4",
            CLIP.read_bytes(),
            {"format": "webm"},
            "Converting mp4 to webm is not supported for video files",
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_refused_leaves_nothing_behind(
    origin: RunningOrigin, kind: str, name: str, data: bytes, fields: dict[str, str], sentence: str
) -> None:
    answer = await origin.post(
        f"/v1_1/demo/{kind}/upload", {"public_id": "refused", **fields}, file=(name, data)
    )
    assert (answer.status, answer.json["error"]["message"]) == (400, sentence)
    for each in ("video", "image", "raw"):
        with pytest.raises(cloudinary.exceptions.NotFound):
            await origin.called(cloudinary.api.resource, "refused", resource_type=each)
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_an_eager_transformation_of_a_video_fails_in_its_own_place(origin: RunningOrigin) -> None:
    answer = await origin.upload(str(CLIP), public_id="eager", resource_type="video", eager=[{"width": 10}])
    assert answer["eager"][0]["status"] == "failed"
    assert answer["eager"][0]["reason"] == "Transformations are not supported for video files"
