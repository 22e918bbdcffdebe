"""sim.report.dashboard: the page and its state, for this machine alone."""

import json
from typing import Any

import pytest
import treq
from treq.client import HTTPClient
from treq.testing import RequestTraversalAgent

from sim.report.dashboard import Dashboard

FRONT = "http://127.0.0.1:8000"


def answer(path: str, host: str = "127.0.0.1") -> tuple[int, Any, bytes]:
    agent = RequestTraversalAgent(Dashboard(lambda: {"nodes": []}, FRONT))
    client = HTTPClient(agent)
    asking = client.get(f"http://{host}:8001{path}")
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
        ("/page.css", "text/css", b"color-scheme"),
        ("/page.js", "text/javascript", b"?region="),
    ],
)
def test_the_page_is_three_files(path: str, kind: str, holds: bytes) -> None:
    """No build step, and nothing from elsewhere."""
    code, headers, body = answer(path)
    assert code == 200
    assert headers.getRawHeaders("Content-Type")[0].startswith(kind)
    assert holds in body
    assert b"https://" not in body


def test_the_state_is_json() -> None:
    code, headers, body = answer("/state")
    assert (code, json.loads(body)) == (200, {"nodes": []})
    assert headers.getRawHeaders("Access-Control-Allow-Origin") is None


def test_a_browser_may_load_from_here_and_the_front_door_alone() -> None:
    _, headers, _ = answer("/")
    (policy,) = headers.getRawHeaders("Content-Security-Policy")
    assert f"connect-src 'self' {FRONT};" in policy
    assert "default-src 'self'" in policy


def test_another_name_for_this_machine_is_refused() -> None:
    """DNS rebinding: a page of evil.example that points its name at 127.0.0.1 learns nothing."""
    code, _, body = answer("/state", host="evil.example")
    assert code == 403
    assert b"nodes" not in body


@pytest.mark.parametrize("path", ["/page.html", "/../topology.yaml", "/static/page.js", "/state/x"])
def test_nothing_else_is_there(path: str) -> None:
    assert answer(path)[0] == 404
