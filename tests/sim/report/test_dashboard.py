"""sim.report.dashboard: the page and its state, for this machine alone."""

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_twisted
import treq
from treq.client import HTTPClient
from treq.testing import RequestTraversalAgent
from twisted.internet.task import Clock
from twisted.web.http_headers import Headers

from sim.report import dashboard
from sim.report.dashboard import STATIC, Dashboard
from sim.report.stream import Stream
from wire.errors import InvalidRequest, NotFound
from wire.web.agent import make_agent

FRONT = "http://127.0.0.1:8000"
FOLDER = Path(dashboard.__file__).parent / "static"


async def listing() -> Any:
    return {"scenarios": []}


async def report() -> str:
    return "<h1>Of a run</h1>"


async def missing() -> Any:
    raise NotFound("No scenario has left a report yet")


VIEWS = {"scenario": listing, "scenario/report": report, "scenario/missing": missing}


def answer(path: str, host: str = "127.0.0.1", listens_at: str = "127.0.0.1") -> tuple[int, Any, bytes]:
    stream = Stream(lambda: {"nodes": []}, Clock())
    agent = RequestTraversalAgent(Dashboard(stream, [FRONT], views=VIEWS, host=listens_at))
    client = HTTPClient(agent)
    asking = client.get(f"http://{host}:8001{path}", allow_redirects=False)
    agent.flush()
    responses: list[Any] = []
    asking.addCallback(responses.append)
    (response,) = responses
    bodies: list[bytes] = []
    treq.content(response).addCallback(bodies.append)
    agent.flush()
    return response.code, response.headers, bodies[0]


@pytest.mark.parametrize(
    ("path", "kind", "holds"),
    [
        ("/", "text/html", b"<title>pixeledge</title>"),
        ("/?region=x", "text/html", b"page.js"),
        ("/page.css", "text/css", b"#world"),
        ("/page.js", "text/javascript", b"follow"),
        ("/photographs.js", "text/javascript", b"?region="),
        ("/theme.css", "text/css", b"color-scheme"),
        ("/icon.svg", "image/svg+xml", b"<svg"),
        ("/library/", "text/html", b"<title>Media library</title>"),
        ("/library/library.css", "text/css", b"#grid"),
        ("/library/main.js", "text/javascript", b"import"),
    ],
)
def test_the_pages_are_static_files(path: str, kind: str, holds: bytes) -> None:
    """No build step, and nothing from elsewhere."""
    code, headers, body = answer(path)
    assert code == 200
    assert headers.getRawHeaders("Content-Type")[0].startswith(kind)
    assert holds in body
    assert b"https://" not in body


def test_other_machines_reach_it_by_the_address_that_was_asked_for_and_no_other() -> None:
    host = "192.168.1.5"
    assert answer("/state", host)[0] == 403
    assert answer("/state", host, listens_at=host)[0] == 200
    assert answer("/state", "localhost", listens_at=host)[0] == 200
    assert answer("/state", "evil.example", listens_at=host)[0] == 403


def test_the_state_is_json() -> None:
    code, headers, body = answer("/state")
    assert (code, json.loads(body)) == (200, {"nodes": []})
    assert headers.getRawHeaders("Access-Control-Allow-Origin") is None


def test_a_view_is_json_or_a_page_that_runs_nothing() -> None:
    """A report holds what a topology and its viewers said: no script of theirs may run beside the commands."""
    code, headers, body = answer("/scenario")
    assert (code, json.loads(body)) == (200, {"scenarios": []})
    assert headers.getRawHeaders("Content-Type") == ["application/json"]
    code, headers, body = answer("/scenario/report")
    assert (code, body) == (200, b"<h1>Of a run</h1>")
    (policy,) = headers.getRawHeaders("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    code, _, body = answer("/scenario/missing")
    assert (code, json.loads(body)) == (404, {"error": {"message": "No scenario has left a report yet"}})
    assert answer("/scenario", host="evil.example")[0] == 403


def test_a_browser_may_load_from_here_and_the_front_door_alone() -> None:
    _, headers, _ = answer("/")
    (policy,) = headers.getRawHeaders("Content-Security-Policy")
    assert f"connect-src 'self' {FRONT};" in policy
    assert "default-src 'self'" in policy


@pytest.mark.parametrize("path", ["/state", "/events"])
def test_another_name_for_this_machine_is_refused(path: str) -> None:
    """DNS rebinding: a page of evil.example that points its name at 127.0.0.1 learns nothing."""
    code, _, body = answer(path, host="evil.example")
    assert code == 403
    assert b"nodes" not in body


def test_every_file_is_served_and_every_import_leads_to_one() -> None:
    """A module that is not listed would be missed by a browser alone."""
    there = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert there == set(STATIC.values())
    for module in FOLDER.rglob("*.js"):
        for imported in re.findall(r'from "\./([^"]+)"', module.read_text("utf-8")):
            assert (module.parent / imported).relative_to(FOLDER).as_posix() in STATIC


@pytest.mark.parametrize("path", ["/", "/library/"])
def test_the_pages_are_told_to_make_no_markup_of_text_and_to_tell_nobody_where_they_are(path: str) -> None:
    """Names are what anybody has typed, and the library keeps a secret."""
    _, headers, body = answer(path)
    (policy,) = headers.getRawHeaders("Content-Security-Policy")
    for rule in ("default-src 'self'", "require-trusted-types-for 'script'", "frame-ancestors 'none'"):
        assert rule in policy.split("; ")
    assert "unsafe" not in policy
    assert headers.getRawHeaders("Referrer-Policy") == ["no-referrer"]
    assert not re.search(rb"<script(?! src=)|\son[a-z]+=|style=", body)


def test_the_library_has_one_address() -> None:
    """Relative links want the slash."""
    code, headers, _ = answer("/library")
    assert code == 302
    assert headers.getRawHeaders("Location") == ["/library/"]


@pytest.mark.parametrize(
    "path",
    [
        "/library/index.html",
        "/library/x.js",
        "/page.html",
        "/../topology.yaml",
        "/static/page.js",
        "/state/x",
    ],
)
def test_nothing_else_is_there(path: str) -> None:
    assert answer(path)[0] == 404


JSON = {"Content-Type": "application/json"}


async def echo(told: Any) -> Any:
    if told == "bad":
        raise InvalidRequest("Not that")
    if told == "worse":
        raise ZeroDivisionError("a secret")
    return {"told": told}


async def command(
    headers: dict[str, str], body: bytes = b'"x"', path: str = "/echo", host: str = ""
) -> tuple[int, Any]:
    """Posted over a real socket; an `Origin` that says PORT means this page's."""
    code, document, _ = await asked("POST", headers, body, path, host)
    return code, document


async def asked(
    method: str, headers: dict[str, str], body: bytes, path: str, host: str = ""
) -> tuple[int, Any, Headers]:
    """The same by any method, with the headers of the answer."""
    from twisted.internet import reactor

    site = dashboard.make_site(Stream(dict, reactor), [FRONT], {"echo": echo})
    listening: Any = cast(Any, reactor).listenTCP(0, site, interface="127.0.0.1")
    port = str(listening.getHost().port)
    agent, pool = make_agent(reactor)
    try:
        sent = {name: value.replace("PORT", port) for name, value in headers.items()}
        sent |= {"Host": f"{host}:{port}"} if host else {}
        given = Headers({k: [v] for k, v in sent.items()})
        response = await HTTPClient(agent).request(
            method, f"http://127.0.0.1:{port}{path}", data=body, headers=given
        )
        return response.code, await treq.json_content(response), response.headers
    finally:
        await pool.closeCachedConnections()
        await listening.stopListening()


@pytest_twisted.ensureDeferred
async def test_a_command_is_carried_out_and_answered() -> None:
    assert await command(JSON) == (200, {"told": "x"})
    assert (await command({"Content-Type": "Application/JSON; charset=utf-8"}))[0] == 200
    own = {"Origin": "http://127.0.0.1:PORT", "Sec-Fetch-Site": "same-origin"}
    assert (await command(JSON | own))[0] == 200


@pytest.mark.parametrize(
    ("headers", "body", "path", "host", "status"),
    [
        (JSON | {"Origin": "http://evil.example"}, b'"x"', "/echo", "", 403),
        (JSON | {"Origin": "null"}, b'"x"', "/echo", "", 403),
        (JSON | {"Origin": "http://127.0.0.1:8000"}, b'"x"', "/echo", "", 403),
        (JSON | {"Sec-Fetch-Site": "cross-site"}, b'"x"', "/echo", "", 403),
        (JSON | {"Sec-Fetch-Site": "same-site"}, b'"x"', "/echo", "", 403),
        (JSON, b'"x"', "/echo", "evil.example", 403),
        ({"Content-Type": "text/plain"}, b'"x"', "/echo", "", 415),
        (JSON, b"{", "/echo", "", 400),
        (JSON, b"[" * 100_000, "/echo", "", 400),
        (JSON, b'"' + b"x" * 2**20 + b'"', "/echo", "", 413),
        (JSON, b'"x"', "/other", "", 404),
        (JSON, b'"bad"', "/echo", "", 400),
        (JSON, b'"worse"', "/echo", "", 500),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_no_command_of_this_page_is_refused(
    headers: dict[str, str], body: bytes, path: str, host: str, status: int
) -> None:
    code, document = await command(headers, body, path, host)
    assert code == status
    assert document["error"]["message"].endswith((".", "Not that"))
    assert "secret" not in str(document)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PURGE"])
@pytest.mark.parametrize(("path", "allowed"), [("/", "GET, HEAD"), ("/echo", "POST")])
@pytest_twisted.ensureDeferred
async def test_another_method_is_told_which_there_are(method: str, path: str, allowed: str) -> None:
    """RFC 9110 §15.5.6."""
    code, document, headers = await asked(method, JSON, b"{}", path)
    assert (code, headers.getRawHeaders("Allow")) == (405, [allowed])
    assert document["error"]["message"].endswith(".")
