"""Who may call: the sheet's order of credentials, its messages, and no way around them."""

from base64 import b64encode
from typing import Any

import cloudinary.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.api.credentials import Caller, Doorkeeper
from origin.settings import Cloud, Key
from wire.errors import MediaError, Unauthorized
from wire.signing import api_signature

NOW = 1_700_000_000.0
ROTATING = Cloud(
    "old",
    "one",
    keys=(Key("new", "two"), Key("gone", "three", disabled=True), Key("safe", "4", sha256_only=True)),
)
DOOR = Doorkeeper(
    {
        "demo": Cloud("1234", "abcd"),
        "other": Cloud("9999", "wxyz"),
        "rotating": ROTATING,
        "sha256": Cloud("5", "five", sha256_only=True, signature_version_1=False),
    }
)


def signed(params: dict[str, Any], secret: str = "abcd", key: str = "1234", **how: Any) -> dict[str, Any]:
    params = {"timestamp": str(int(NOW)), **params}
    return {**params, "api_key": key, "signature": api_signature(params, secret, **how)}


def enter(params: dict[str, Any], cloud: str = "demo", action: str = "upload") -> Caller:
    return DOOR.upload(cloud, None, params, action=action, now=NOW)


@given(
    params=st.dictionaries(
        st.text("abcdef_", min_size=1, max_size=6),
        st.text(max_size=12) | st.tuples(st.text(max_size=4)),
        max_size=4,
    ),
    algorithm=st.sampled_from(["sha1", "sha256"]),
    version=st.sampled_from([1, 2]),
)
def test_what_was_signed_comes_in_whatever_it_says(
    params: dict[str, Any], algorithm: str, version: int
) -> None:
    """Unknown parameters take part; both algorithms and both versions are known by the signature itself."""
    assert enter(signed(params, algorithm=algorithm, version=version)) == Caller("demo", "1234", "abcd")


@given(
    params=st.dictionaries(
        st.text("abcdef_", min_size=1, max_size=6),
        st.text(max_size=12) | st.lists(st.text(max_size=4), min_size=1, max_size=3).map(tuple),
        max_size=4,
    ),
    algorithm=st.sampled_from(["sha1", "sha256"]),
    version=st.sampled_from([1, 2]),
    pair=st.sampled_from([("old", "one"), ("new", "two")]),
)
def test_what_the_official_sdk_signs_with_any_key_in_force_comes_in(
    params: dict[str, Any], algorithm: str, version: int, pair: tuple[str, str]
) -> None:
    """The signing input is the SDK's own, whatever the values hold."""
    stamped = {"timestamp": str(int(NOW)), **params}
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in stamped.items()}
    signature = cloudinary.utils.api_sign_request(told, pair[1], algorithm, version)
    caller = enter({**stamped, "api_key": pair[0], "signature": signature}, cloud="rotating")
    assert caller == Caller("rotating", *pair)


@given(
    name=st.sampled_from(["public_id", "timestamp", "tags", "new"]),
    value=st.text(min_size=1, max_size=8).filter(lambda text: text not in {"x", str(int(NOW))}),
)
def test_any_changed_or_added_parameter_is_refused(name: str, value: str) -> None:
    with pytest.raises(MediaError) as refused:
        enter({**signed({"public_id": "x", "tags": "a"}), name: value})
    assert refused.value.status == 401
    assert refused.value.public.startswith("Invalid Signature ")
    assert "abcd" not in refused.value.public.replace(value, "")


def test_a_signature_of_another_cloud_opens_nothing() -> None:
    with pytest.raises(Unauthorized, match="Unknown API key 1234"):
        enter(signed({}), cloud="other")
    with pytest.raises(Unauthorized, match="Invalid Signature"):
        enter(signed({}, secret="wxyz"))


@pytest.mark.parametrize("offset", [-3600, 0, 3600])
def test_a_timestamp_is_good_for_an_hour_either_way(offset: int) -> None:
    assert enter(signed({"timestamp": str(int(NOW) + offset)})).cloud == "demo"


@pytest.mark.parametrize("offset", [-3601, 3601])
def test_a_timestamp_outside_the_window_is_stale(offset: int) -> None:
    with pytest.raises(MediaError, match="Stale request") as refused:
        enter(signed({"timestamp": str(int(NOW) + offset)}))
    assert refused.value.status == 400


def test_unsigned_calls_are_told_what_is_missing() -> None:
    with pytest.raises(MediaError, match="Upload preset must be specified when using unsigned upload"):
        enter({"file": "x"})
    with pytest.raises(MediaError, match="Missing required parameter - api_key"):
        enter({"public_id": "x"}, action="destroy")


def basic(key: str, secret: str, cloud: str) -> Caller:
    return DOOR.basic(cloud, f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}")


def refusal(call: Any, *arguments: Any, **named: Any) -> tuple[int, str]:
    with pytest.raises(MediaError) as refused:
        call(*arguments, **named)
    return refused.value.status, refused.value.public


@pytest.mark.parametrize(
    ("pair", "cloud", "sentence"),
    [
        (("gone", "three"), "rotating", "API key gone is disabled"),
        (("gone", "wrong"), "rotating", "api_secret mismatch"),
        (("new", "one"), "rotating", "api_secret mismatch"),  # the secret of the key beside it
        (("lost", "one"), "rotating", "Unknown API key lost"),
        (("", ""), "rotating", "Unknown API key "),
        (("new", "two"), "demo", "cloud_name mismatch"),
        (("new", "two"), "nowhere", "Invalid cloud_name nowhere"),
        (("é\x01", "x"), "demo", "Unknown API key é"),
    ],
)
def test_basic_authentication_says_what_is_wrong(pair: tuple[str, str], cloud: str, sentence: str) -> None:
    status, said = refusal(basic, *pair, cloud)
    assert status == 401
    assert said.startswith(sentence)


@pytest.mark.parametrize(
    ("key", "secret", "sentence"),
    [
        ("gone", "three", "API key gone is disabled"),
        ("new", "one", "Invalid Signature "),
        ("1234", "abcd", "Unknown API key 1234"),
    ],
)
def test_a_signed_call_says_what_is_wrong(key: str, secret: str, sentence: str) -> None:
    status, said = refusal(enter, signed({}, secret=secret, key=key), cloud="rotating")
    assert status == 401
    assert said.startswith(sentence)


@pytest.mark.parametrize(("key", "secret", "cloud"), [("safe", "4", "rotating"), ("5", "five", "sha256")])
def test_a_key_or_a_cloud_may_insist_on_sha256(key: str, secret: str, cloud: str) -> None:
    """And its answers are signed with it."""
    assert enter(signed({}, secret=secret, key=key, algorithm="sha256"), cloud=cloud).algorithm == "sha256"
    assert basic(key, secret, cloud).algorithm == "sha256"
    assert refusal(enter, signed({}, secret=secret, key=key), cloud=cloud)[0] == 401


def test_signature_version_1_can_be_switched_off() -> None:
    """It lets parameters be regrouped across `&`; without `&` the two versions are one."""
    tricky = {"tags": "a&public_id=b"}
    how = {"secret": "five", "key": "5", "algorithm": "sha256"}
    assert enter(signed(tricky, version=2, **how), cloud="sha256")
    assert refusal(enter, signed(tricky, version=1, **how), cloud="sha256")[0] == 401
    assert enter(signed({"tags": "a"}, version=1, **how), cloud="sha256")


@pytest.mark.parametrize("authorization", ["Bearer abc", "bearer", "Digest x", "Basic !!", "Basic YWJj", ""])
def test_other_credentials_are_invalid_tokens(authorization: str) -> None:
    """OAuth tokens are not issued here, so none is valid, even beside a good signature."""
    assert refusal(DOOR.upload, "demo", authorization, signed({}), action="upload", now=NOW) == (
        401,
        "Invalid token",
    )


@pytest.mark.parametrize("timestamp", ["x", "-1", "1.5", "٣", "9" * 40, " 1"])
def test_a_timestamp_that_is_none_is_told(timestamp: str) -> None:
    assert refusal(enter, signed({"timestamp": timestamp})) == (400, f"Invalid timestamp - {timestamp}")


def test_only_secrets_in_force_sign_delivery_urls() -> None:
    assert ROTATING.secrets == ("one", "two", "4")
