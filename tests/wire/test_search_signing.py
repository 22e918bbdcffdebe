"""Signatures of search URLs: the vectors of signing §8."""

import pytest

from wire.signing import search_signature, verify_search

VECTORS = {
    "G1": (
        "e489ab1cc06e814eb57b86c4e6484f6708bc409caf687b4f7e87a72fb6565848",
        "300",
        (
            "eyJleHByZXNzaW9uIjoicmVzb3VyY2VfdHlwZTppbWFnZSBBTkQgdGFncz1raXR0ZW4iLCJtYXhfcmVzdWx0cyI6MzAsInNvcnRfYnki"
            "Olt7InB1YmxpY19pZCI6ImRlc2MifV19"
        ),
    ),
    "G2": (
        "0a484595cdf972af959759e6580bb52371df7c447b8adf02f47e8bea11e86a62",
        "1000",
        "eyJleHByZXNzaW9uIjoidGFncz1raXR0ZW4ifQ==",
    ),
    "G3": (
        "558cd362dd1242aa41fee180a260df978ba859962d1fd6a5699581e919e08861",
        "60",
        "eyJhZ2dyZWdhdGUiOlsiZm9ybWF0Il0sImV4cHJlc3Npb24iOiJjYXQiLCJ3aXRoX2ZpZWxkIjpbInRhZ3MiXX0=",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_sdks_are_ours(name: str) -> None:
    """signing §8."""
    signature, ttl, query = VECTORS[name]
    assert search_signature(ttl, query, "abcd") == signature
    assert verify_search(signature, ttl, query, "abcd")


@pytest.mark.parametrize("change", ["signature", "ttl", "query", "secret"])
def test_any_change_breaks_a_signature(change: str) -> None:
    """Nothing of it is left out."""
    signature, ttl, query = VECTORS["G2"]
    values = {"signature": signature, "ttl": ttl, "query": query, "secret": "abcd"}
    assert not verify_search(**{**values, change: values[change][:-1]})
    assert not verify_search(**{**values, "signature": "é"})
