"""The words of a PDF, page by page, as PDFium reads them, in a process apart."""

from functools import partial
from typing import Any

from origin.render.errors import InvalidImage
from origin.render.pillow.sources.apart import Outcome, apart
from origin.render.pillow.sources.pdf import MOST_PAGES, library, opened

MOST_CHARACTERS = 1_000_000  # of a whole document: JSON may write each with six, and a frame has its bounds


def text_of(path: str) -> dict[str, Any]:
    """`pages`: a text each."""
    library()
    return apart(partial(_read, path), log="PDF").said


def _read(path: str) -> Outcome:
    document = opened(path)
    if not 1 <= len(document) <= MOST_PAGES:
        raise InvalidImage(f"Maximum number of PDF pages is {MOST_PAGES}. Found {len(document)}")
    pages: list[str] = []
    left = MOST_CHARACTERS
    for page in document:
        text = page.get_textpage().get_text_bounded()
        pages.append(text.replace("\r\n", "\n"))
        left -= len(text)
        if left < 0:
            raise InvalidImage(f"The PDF holds more than {MOST_CHARACTERS} characters of text")
    return Outcome({"pages": pages})
