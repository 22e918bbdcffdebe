"""Who signs, and over what."""

import json

from attrs import evolve

from origin.notifications.signing import signed, signing_key
from origin.settings import Cloud, Key
from wire.signing import webhook_signature

CLOUD = Cloud("one", "s1", keys=(Key("two", "s2", sha256_only=True), Key("old", "s3", disabled=True)))
BODY = '{"notification_type":"upload","signature_key":"two"}'


def test_a_notification_is_signed_by_the_key_it_names_in_the_way_that_key_wants() -> None:
    made = signed(CLOUD, "two", BODY, 1_700_000_000.9)
    assert (made.body, made.timestamp, len(made.signature)) == (BODY.encode(), 1_700_000_000, 64)
    assert made.signature == webhook_signature(made.body, made.timestamp, "s2", "sha256")
    assert len(signed(CLOUD, "one", BODY, 0.0).signature) == 40


def test_in_the_place_of_a_key_out_of_use_another_signs_and_says_so() -> None:
    """A receiver can verify only what a key that it may still know has signed."""
    for name in ("old", "gone", ""):
        made = signed(CLOUD, name, BODY, 1.0)
        assert json.loads(made.body)["signature_key"] == "one"
        assert made.signature == webhook_signature(made.body, 1, "s1")


def test_where_every_key_is_disabled_the_named_one_still_signs() -> None:
    closed = evolve(CLOUD, api_key="", keys=tuple(evolve(key, disabled=True) for key in CLOUD.keys))
    assert signing_key(closed, "old").api_key == "old"
