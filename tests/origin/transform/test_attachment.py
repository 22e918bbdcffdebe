"""The file name of a download (delivery-urls.md §8.5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.attachment import Attachment, content_disposition
from origin.transform.parse import parse_chain


@pytest.mark.parametrize(
    ("chain", "header"),
    [
        ("fl_attachment", "attachment; filename=\"cat.jpg\"; filename*=UTF-8''cat.jpg"),
        ("fl_attachment:my_file", "attachment; filename=\"my_file.jpg\"; filename*=UTF-8''my_file.jpg"),
        ("fl_attachment:a%252Eb%20c", "attachment; filename=\"a.b c.jpg\"; filename*=UTF-8''a.b%20c.jpg"),
        ("fl_attachment:%C3%BC", "attachment; filename=\"_.jpg\"; filename*=UTF-8''%C3%BC.jpg"),
    ],
)
def test_a_download_is_named(chain: str, header: str) -> None:
    """By the flag, else by the asset; the extension is the delivered one."""
    attachment = parse_chain(chain).settings.attachment
    assert attachment is not None
    assert attachment.disposition("folder/cat", "jpg") == header


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["jpg", ""]))
def test_the_header_is_one_line_of_ascii(stem: str, extension: str) -> None:
    """Whatever an original was called; quotes do not end the value early."""
    header = content_disposition(stem, extension)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert Attachment().disposition(stem, extension) == header
