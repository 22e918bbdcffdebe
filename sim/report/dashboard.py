"""The page of a running world: three static files and `/state`, for this machine alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request, Site

STATIC = {
    b"": ("page.html", b"text/html; charset=utf-8"),
    b"page.css": ("page.css", b"text/css; charset=utf-8"),
    b"page.js": ("page.js", b"text/javascript; charset=utf-8"),
}
HOSTS = (b"127.0.0.1", b"localhost", b"[::1]", b"::1")


class Dashboard(Resource):
    """Routes the few paths of the page. It only shows: there is nothing here to change the world by."""

    isLeaf = True

    def __init__(self, state: Callable[[], dict[str, Any]], front: str) -> None:
        super().__init__()
        self._state = state
        self._policy = (
            f"default-src 'self'; img-src 'self' blob: {front}; connect-src 'self' {front}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ).encode("ascii")
        folder = files(__package__) / "static"
        self._static = {name: ((folder / file).read_bytes(), kind) for name, (file, kind) in STATIC.items()}

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
        if name not in self._static:
            request.setResponseCode(404)
            return b"Not found\n"
        body, kind = self._static[name]
        request.setHeader(b"Content-Type", kind)
        request.setHeader(b"Content-Security-Policy", self._policy)
        return body


def make_site(state: Callable[[], dict[str, Any]], front: str) -> Site:
    """The page as a factory to listen with."""
    site = Site(Dashboard(state, front))
    site.noisy = False
    return site
