"""The pages that an Akamai edge makes itself (cdn-vendors §10.4)."""

from __future__ import annotations

from html import escape

from edge.personality.interface import Page
from wire.http.dates import format_date
from wire.http.fields import Fields, RequestHead, ResponseHead


def denied(request: RequestHead, reference: str, now: float) -> Page:
    """403, for a viewer without a good token."""
    host = request.authority or request.fields.get("host") or ""
    url = _coded(f"{request.scheme}://{host}{request.target.partition('?')[0]}")
    why = f'You have no permission to see "{url}" on this server.'
    return _page(403, "Forbidden", "Access Denied", why, request, reference, now)


def failed(status: int, reason: str, why: str, request: RequestHead, reference: str, now: float) -> Page:
    """For whatever else goes wrong at the edge."""
    return _page(status, reason, reason, escape(why), request, reference, now)


def sent_on(url: str, now: float) -> Page:
    """To the same elsewhere, for now."""
    fields = Fields.of(
        Server="AkamaiGHost",
        Location=url,
        Cache_Control="no-store",
        Date=format_date(now),
        Content_Length="0",
    )
    return Page(ResponseHead(302, fields, "Found"))


def _page(
    status: int, reason: str, title: str, why: str, request: RequestHead, reference: str, now: float
) -> Page:
    body = (
        f"<HTML><HEAD>\n<TITLE>{title}</TITLE>\n</HEAD><BODY>\n<H1>{title}</H1>\n{why}<P>\n"
        f"Reference&#32;{_coded(f'#{reference}')}\n</BODY>\n</HTML>\n"
    ).encode()
    fields = Fields.of(
        Server="AkamaiGHost",
        Mime_Version="1.0",
        Content_Type="text/html",
        Expires=format_date(now),
        Date=format_date(now),
        Content_Length=str(len(body)),
    )
    return Page(ResponseHead(status, fields, reason), b"" if request.method == "HEAD" else body)


def _coded(text: str) -> str:
    """Text in which nothing but letters, digits and few marks is itself."""
    return "".join(
        each if each.isascii() and (each.isalnum() or each in "-_~") else f"&#{ord(each)};" for each in text
    )
