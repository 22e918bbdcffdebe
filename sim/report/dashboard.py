"""The pages of a running world, for this machine alone: the world itself, and the media library.

The library is served here and not at the front door on purpose: what people upload is delivered from there, HTML and
SVG among it, and a script of theirs must not be of the same origin as the page that keeps an API secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request, Site

KINDS = {
    "html": b"text/html; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
}
SHARED = ("theme.css", "icon.svg")
WORLD = ("page.html", "page.css", "page.js")
LIBRARY = (
    *("index.html", "library.css", "main.js", "api.js", "asset.js", "assetform.js", "bulk.js"),
    *("dom.js", "folders.js", "metadata.js", "question.js", "selection.js"),
    *("grid.js", "place.js", "preview.js", "signin.js", "uploads.js", "urls.js"),
)
STATIC = {
    "": "page.html",
    **{name: name for name in (*SHARED, *WORLD[1:])},
    "library/": "library/index.html",
    **{f"library/{name}": f"library/{name}" for name in LIBRARY[1:]},
}
"""Path → file."""

HOSTS = (b"127.0.0.1", b"localhost", b"[::1]", b"::1")


class Dashboard(Resource):
    """Routes the few paths of the pages. Nothing here changes the world: the library asks the front door."""

    isLeaf = True

    def __init__(self, state: Callable[[], dict[str, Any]], fronts: Iterable[str]) -> None:
        super().__init__()
        self._state = state
        self._policy = policy(fronts).encode("ascii")
        folder = files(__package__) / "static"
        self._static = {
            name.encode("ascii"): (
                folder.joinpath(*file.split("/")).read_bytes(),
                KINDS[file.rpartition(".")[2]],
            )
            for name, file in STATIC.items()
        }

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        # a name that someone else points at 127.0.0.1 must not read what runs here (DNS rebinding)
        if request.getRequestHostname() not in HOSTS:
            request.setResponseCode(403)
            return b"This page is for this machine only.\n"
        name = request.path.removeprefix(b"/")
        request.setHeader(b"Cache-Control", b"no-store")
        if name == b"state":
            request.setHeader(b"Content-Type", b"application/json")
            return json.dumps(self._state()).encode()
        if name == b"library":
            request.redirect(b"/library/")
            return b""
        if name not in self._static:
            request.setResponseCode(404)
            return b"Not found\n"
        body, kind = self._static[name]
        request.setHeader(b"Content-Type", kind)
        request.setHeader(b"Content-Security-Policy", self._policy)
        request.setHeader(b"Referrer-Policy", b"no-referrer")
        return body


def policy(fronts: Iterable[str]) -> str:
    """What a browser may do with the pages (Content-Security-Policy): load from here and from where viewers are
    served, run our scripts, and make no markup of text."""
    served = " ".join(fronts)
    return (
        f"default-src 'self'; img-src 'self' blob: {served}; media-src {served}; connect-src 'self' {served}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def make_site(state: Callable[[], dict[str, Any]], fronts: Iterable[str]) -> Site:
    """The pages as a factory to listen with. `fronts` are the base URLs that viewers are served from."""
    site = Site(Dashboard(state, fronts))
    site.noisy = False
    return site
