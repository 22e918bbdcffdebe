"""`callback`: a form posted without a script is sent on, the answer in the query (upload-api §3.2)."""

import re
from urllib.parse import urlencode, urlsplit

from origin.api.endpoint import Json, Reply
from wire.components import printable
from wire.errors import InvalidRequest

_URL = re.compile(r"https?://[\x21-\x7e]{1,2000}", re.IGNORECASE)


def checked_callback(url: str | None) -> str | None:
    """The URL, or 400 for what no browser could be sent to."""
    if url is not None and (_URL.fullmatch(url) is None or not urlsplit(url).netloc):
        raise InvalidRequest(f"Invalid callback {printable(url)}: expected an http or https URL")
    return url


def sent_on(url: str, answer: Json) -> Reply:
    """A redirect there, with what is plain in the answer. Its `signature` is that of public_id and version."""
    said = [(name, _plain(value)) for name, value in answer.items() if isinstance(value, str | int | float)]
    place, hash_mark, fragment = url.partition("#")
    query = f"{place}{'&' if '?' in place else '?'}{urlencode(said)}"
    return Reply(answer, 302, (("Location", query + hash_mark + fragment),))


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
