"""What needs an add-on that this server does not have (upload-api §12): told from what nobody has heard of."""

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from wire.components import printable
from wire.errors import InvalidRequest, MediaError, NotSubscribed

EXTRACT_TEXT = "extract_text"
"""The one conversion of raw files that needs no add-on."""

_CONTENT_ANALYSIS = "Cloudinary AI Content Analysis"
_OFF = frozenset({"", "0", "false", "none"})
_SHARE = re.compile(r"0|1|0?\.[0-9]{1,9}|0\.|1\.0*")


@frozen
class Addon:
    """A parameter whose values are add-ons; a value goes as far as its first colon."""

    known: Mapping[str, str]  # value → the add-on's name; empty: it is built in
    refusal: str  # of what is not known
    several: bool = False  # separated by commas

    def refusals(self, value: str, illegal: str | None = None) -> Iterator[MediaError]:
        """Why each part of a value cannot be had; `illegal` instead of our own words for what is not known."""
        for each in value.split(",") if self.several else [value]:
            name = re.sub(r"_v[0-9]+\Z", "", each.strip().partition(":")[0])
            if name not in self.known:
                yield InvalidRequest(illegal or self.refusal.format(printable(each.strip())))
            elif self.known[name]:
                yield not_subscribed(self.known[name])


_SWITCHES = {
    "visual_search": "Cloudinary Visual Search",
    "auto_transcription": "Cloudinary Video Transcription",
    "auto_chaptering": "Cloudinary Video Chaptering",
    "auto_video_details": "Cloudinary Video Details",
}
"""Parameters that are an add-on by themselves, whatever they say beyond yes or no."""

ADDONS = {
    "raw_convert": Addon(
        {
            EXTRACT_TEXT: "",
            "aspose": "Aspose Document Conversion",
            "google_speech": "Google AI Video Transcription",
            "azure_video_indexer": "Microsoft Azure Video Indexer",
        },
        "Raw convert is invalid",
    ),
    "detection": Addon(
        {
            **dict.fromkeys(
                ("coco", "lvis", "cld-fashion", "cld-text", "openimages", "human-anatomy", "captioning"),
                _CONTENT_ANALYSIS,
            ),
            **dict.fromkeys(("unidet", "iqa", "watermark-detection", "shop-classifier"), _CONTENT_ANALYSIS),
            "adv_face": "Advanced Facial Attributes Detection",
            "aws_rek_face": "Amazon Rekognition Celebrity Detection",
        },
        "Detection invalid model '{}'",
        several=True,
    ),
    "ocr": Addon({"adv_ocr": "OCR Text Detection and Extraction"}, "Ocr is invalid"),
    "background_removal": Addon(
        {"cloudinary_ai": "Cloudinary AI Background Removal", "pixelz": "Pixelz - Remove the Background"},
        "Background removal is invalid",
    ),
    "categorization": Addon(
        {
            "google_tagging": "Google Auto Tagging",
            "google_video_tagging": "Google Automatic Video Tagging",
            "imagga_tagging": "Imagga Auto Tagging",
            "aws_rek_tagging": "Amazon Rekognition Auto Tagging",
            "azure_video_indexer": "Microsoft Azure Video Indexer",
        },
        "Categorization item {} is not valid",
        several=True,
    ),
    "similarity_search": Addon({}, "Similarity search is invalid"),
}
"""By parameter. Moderation has a module of its own."""

PARAMS = (*ADDONS, "auto_tagging", *_SWITCHES)


def check_addons(asked: Mapping[str, str]) -> None:
    """Nothing, or the refusal of what an upload or `explicit` asks: 400 for what is unknown, else 420."""
    _check(asked, None)


def check_updated_addons(asked: Mapping[str, str]) -> None:
    """The same in the words of the Admin API's update (admin-api §6)."""
    _check(asked, "Illegal value {} for {}")


def _check(asked: Mapping[str, str], illegal: str | None) -> None:
    refusals = [each for name in PARAMS for each in _refusals(name, asked.get(name, ""), illegal)]
    for each in sorted(refusals, key=lambda error: error.status):  # what is wrong before what is dear
        raise each


def _refusals(name: str, value: str, illegal: str | None) -> Iterator[MediaError]:
    if value.lower() in _OFF:
        return
    sentence = illegal.format(printable(value), name) if illegal else None
    if name in ADDONS:
        yield from ADDONS[name].refusals(value, sentence)
    elif name in _SWITCHES:
        yield not_subscribed(_SWITCHES[name])
    elif _SHARE.fullmatch(value) is None:
        yield InvalidRequest(sentence or f"Auto tagging {printable(value)} is invalid: expected 0.0 to 1.0")


def not_subscribed(name: str) -> NotSubscribed:
    """420, in the words that clients know."""
    return NotSubscribed(f"You don't have an active subscription for {name}")
