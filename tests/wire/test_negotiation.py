"""Headers reduced to classes (delivery-urls.md §11)."""

import pytest

from wire.http.fields import Fields
from wire.negotiation import HeaderClass, accepted_formats, classify, negotiates, vary_fields


@pytest.mark.parametrize(
    ("accept", "formats"),
    [
        ("", set()),
        ("*/*", set()),
        ("image/*", set()),
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", {"avif", "webp"}),
        ("image/webp;q=0", set()),
        ("image/webp;q=0.000, IMAGE/AVIF ; q=0.1", {"avif"}),
        ("image/webp;q=0.001", {"webp"}),
        ("text/webp, webp", set()),
        (";;,,=q;", set()),
    ],
)
def test_only_types_named_outright_are_accepted(accept: str, formats: set[str]) -> None:
    """`image/*` is sent by viewers that know neither."""
    assert accepted_formats(accept) == formats


@pytest.mark.parametrize(
    ("hint", "dpr"),
    [
        ("1", 1),
        ("1.5", 2),
        ("2.0", 2),
        ("9", 5),
        ("0.3", 1),
        ("", None),
        ("-1", None),
        ("x", None),
        ("1e9", None),
    ],
)
def test_the_pixel_ratio_is_rounded_up(hint: str, dpr: int | None) -> None:
    """To whole numbers from 1 to 5, so that there are few variants."""
    assert classify(Fields([("DPR", hint)])).dpr == dpr


def test_a_request_comes_to_its_classes() -> None:
    """The new names of client hints win over the old."""
    viewer = classify(
        Fields(
            [
                ("Accept", "image/avif"),
                ("accept", "image/webp"),
                ("Save-Data", "on"),
                ("Sec-CH-DPR", "3"),
                ("DPR", "1"),
                ("Sec-CH-Width", '"640"'),
                ("Viewport-Width", "320"),
            ]
        )
    )
    assert viewer.accept == {"avif", "webp"}
    assert viewer.save_data
    assert (viewer.dpr, viewer.width, viewer.viewport_width) == (3, 640, 320)


@pytest.mark.parametrize(
    ("chain", "classes", "names"),
    [
        ("", set(), ()),
        ("w_100,f_jpg,q_80,dpr_2", set(), ()),
        ("w_100/f_auto", {HeaderClass.ACCEPT}, ("Accept",)),
        ("f_auto:image,q_auto", {HeaderClass.ACCEPT, HeaderClass.SAVE_DATA}, ("Accept", "Save-Data")),
        ("q_auto:good", set(), ()),
        ("dpr_auto,w_1", {HeaderClass.DPR}, ("Sec-CH-DPR", "DPR")),
    ],
)
def test_a_chain_varies_only_on_what_it_reads(
    chain: str, classes: set[HeaderClass], names: tuple[str, ...]
) -> None:
    """Only the classes a chain uses enter its key."""
    assert negotiates(chain) == classes
    assert vary_fields(negotiates(chain)) == names


def test_viewers_who_say_the_same_in_other_words_share_a_variant() -> None:
    """The key holds the outcome, not the header."""
    browser = classify(Fields([("Accept", "image/avif,image/webp,*/*;q=0.8")]))
    other = classify(Fields([("Accept", "image/webp;q=0.9, image/apng, image/avif")]))
    assert browser.key([HeaderClass.ACCEPT]) == other.key([HeaderClass.ACCEPT]) == "accept=avif+webp"
    assert browser.key([]) == ""
