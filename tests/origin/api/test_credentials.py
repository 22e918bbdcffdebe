"""Who may call: the sheet's order of credentials, its messages, and no way around them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.api.credentials import Caller, Doorkeeper
from origin.settings import Cloud
from wire.errors import MediaError, Unauthorized
from wire.signing import api_signature

NOW = 1_700_000_000.0
DOOR = Doorkeeper({"demo": Cloud("1234", "abcd"), "other": Cloud("9999", "wxyz")})


def signed(params: dict[str, Any], secret: str = "abcd", **how: Any) -> dict[str, Any]:
    params = {"timestamp": str(int(NOW)), **params}
    return {**params, "api_key": "1234", "signature": api_signature(params, secret, **how)}


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
