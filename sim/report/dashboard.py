"""The pages of a running world, for this machine alone unless asked: the world itself, and the media library.

The library is served here and not at the front door on purpose: what people upload is delivered from there, HTML and
SVG among it, and a script of theirs must not be of the same origin as the page that keeps an API secret.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from importlib.resources import files
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from sim.report.stream import Stream
from wire import jsontext
from wire.errors import MediaError

log = Logger()

KINDS = {
    "html": b"text/html; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
}
SHARED = ("theme.css", "icon.svg")
WORLD = (
    *("page.html", "page.css", "page.js", "follow.js", "health.js", "land.js", "links.js", "map.js"),
    *("nodes.js", "photographs.js", "projection.js", "purge.js", "scenario.js", "svg.js", "tell.js"),
    *("traffic.js", "words.js"),
)
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


Command = Callable[[Any], Awaitable[Any]]
View = Callable[[], Awaitable[Any]]
"""What a GET answers: a str is a page of its own, all else JSON."""
ALONE = b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of such a page: no script, nothing from elsewhere."""
LARGEST_COMMAND = 1 << 20


class Dashboard(Resource):
    """Routes the few paths of the pages, and the commands that change the world, each posted as JSON."""

    isLeaf = True

    def __init__(
        self,
        stream: Stream,
        fronts: Iterable[str],
        commands: Mapping[str, Command] | None = None,
        views: Mapping[str, View] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        super().__init__()
        self._hosts = (*HOSTS, host.encode("ascii"), f"[{host}]".encode("ascii"))
        self._stream = stream
        self._commands = commands or {}
        self._views = views or {}
        self._policy = policy(fronts).encode("ascii")
        folder = files(__package__) / "static"
        self._static = {
            name.encode("ascii"): (
                folder.joinpath(*file.split("/")).read_bytes(),
                KINDS[file.rpartition(".")[2]],
            )
            for name, file in STATIC.items()
        }

    def render(self, request: Request) -> bytes | int:
        if request.method in (b"GET", b"HEAD", b"POST"):
            rendered: bytes | int = super().render(request)
            return rendered
        is_command = request.path.removeprefix(b"/").decode("latin-1") in self._commands
        request.setHeader(b"Allow", b"POST" if is_command else b"GET, HEAD")
        return _refused(request, 405, "Pages are read, by GET, and commands are posted.")

    def render_POST(self, request: Request) -> bytes | int:
        """A command. Pages of other sites can post forms here, but no JSON, and browsers say where they are from."""
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        command = self._commands.get(request.path.removeprefix(b"/").decode("latin-1"))
        if not self._is_addressed_by(request):
            return _refused(request, 403, "This page does not go by that name.")
        if not is_of_this_page(request):
            return _refused(request, 403, "Commands are for this page, not for those of other sites.")
        if command is None:
            return _refused(request, 404, "There is no such command.")
        kind = (request.getHeader("Content-Type") or "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return _refused(request, 415, "A command is application/json.")
        body = request.content.read(LARGEST_COMMAND + 1) if request.content is not None else b""
        if len(body) > LARGEST_COMMAND:
            return _refused(request, 413, "A command is no longer than 1 MiB.")
        try:
            told = jsontext.read(body)
        except ValueError:
            return _refused(request, 400, "The body is not JSON.")
        return _answer(command(told), request)

    def render_GET(self, request: Request) -> bytes | int:
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        if not self._is_addressed_by(request):
            request.setResponseCode(403)
            return b"This page does not go by that name.\n"
        name = request.path.removeprefix(b"/")
        request.setHeader(b"Cache-Control", b"no-store")
        if name == b"state":
            request.setHeader(b"Content-Type", b"application/json")
            return json.dumps(self._stream.picture()).encode()
        if name == b"events":
            self._stream.join(request)
            return NOT_DONE_YET
        if (view := self._views.get(name.decode("latin-1"))) is not None:
            return _answer(view(), request)
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

    def _is_addressed_by(self, request: Request) -> bool:
        """A name that someone else points here must not read what runs here (DNS rebinding)."""
        return request.getRequestHostname() in self._hosts


def is_of_this_page(request: Request) -> bool:
    """Whether a browser, if it is one, says that a page of this very address asks."""
    origin, site = request.getHeader("Origin"), request.getHeader("Sec-Fetch-Site")
    return origin in (None, f"http://{request.getHeader('Host')}") and site in (None, "same-origin", "none")


def _answer(coming: Awaitable[Any], request: Request) -> int:
    doing = Deferred.fromCoroutine(answer(coming, request))
    request.notifyFinish().addErrback(lambda _: doing.cancel())
    return NOT_DONE_YET


async def answer(coming: Awaitable[Any], request: Request) -> None:
    """Say what came of a command or a view; what cannot be done is told as an error, never as a trace."""
    try:
        told, status = await coming, 200
    except MediaError as error:
        told, status = {"error": {"message": str(error)}}, error.status
    except CancelledError:
        return
    except Exception:  # noqa: BLE001  the border to a browser: the log has the rest
        log.failure("a command failed")
        told, status = {"error": {"message": "The command failed; the log of `up` says why."}}, 500
    request.setResponseCode(status)
    is_page = isinstance(told, str)
    request.setHeader(b"Content-Type", KINDS["html"] if is_page else b"application/json")
    if is_page:
        request.setHeader(b"Content-Security-Policy", ALONE)
    request.write((told if is_page else json.dumps(told)).encode())
    request.finish()


def _refused(request: Request, status: int, sentence: str) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", b"application/json")
    return json.dumps({"error": {"message": sentence}}).encode()


def policy(fronts: Iterable[str]) -> str:
    """What a browser may do with the pages (Content-Security-Policy): load from here and from where viewers are
    served, run our scripts, and make no markup of text."""
    served = " ".join(fronts)
    return (
        f"default-src 'self'; img-src 'self' blob: {served}; media-src {served}; connect-src 'self' {served}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def make_site(
    stream: Stream,
    fronts: Iterable[str],
    commands: Mapping[str, Command] | None = None,
    views: Mapping[str, View] | None = None,
    host: str = "127.0.0.1",
) -> Site:
    """The pages as a factory to listen with at `host`, by which alone, beside loopback's names, they can be asked for.
    `fronts` are the base URLs that viewers are served from.
    """
    site = Site(Dashboard(stream, fronts, commands, views, host))
    site.noisy = False
    return site
