"""A scenario chosen on the page, run, watched, stopped: in a real browser, over real worlds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sim.scenarios.script import read, shipped
from tests.support.browser import Page
from tests.support.library import Library
from tests.support.world import eventually

WORLD_SECONDS = 240.0  # for a world to start beside this one
RUN_SECONDS = 420.0
STATE = "document.getElementById('scenario-run').dataset.state"
ROWS = """[...document.querySelectorAll("#%s li")].map((each) => [
  each.dataset.state, each.querySelector(".what").textContent])"""


@contextmanager
def opened(library: Library, **size: int) -> Iterator[Page]:
    page = library.browser.page(library.world.ready["page_url"], **size)
    try:
        page.until("document.querySelectorAll('#scenario-name option').length")
        page.until("document.querySelector('.dot.ready')")
        yield page
    finally:
        page.close()


def choose(page: Page, name: str) -> None:
    page.run(f"document.getElementById('scenario-name').value = '{name}'")
    page.run("document.getElementById('scenario-name').dispatchEvent(new Event('change'))")


def becomes(page: Page, within_seconds: float, *states: str) -> str:
    """Wait for one of these states of the run; longer than a browser is asked to."""
    eventually(lambda: page.run(STATE) in states, f"the scenario is {' or '.join(states)}", within_seconds)
    return str(page.run(STATE))


def complaints(page: Page) -> list[str]:
    """Of all but the photographs, which this world does not have."""
    return [each for each in page.complaints if "/image/upload/" not in each]


def posted(library: Library, told: Any) -> int:
    url = f"{library.world.ready['page_url']}/scenario"
    return int(library.world.http.request("POST", url, json=told).status)


def left(library: Library) -> list[str]:
    """Worlds of scenarios that are still on disk."""
    return [path.name for path in (library.world.state / "rehearsal").iterdir() if path.is_dir()]


def test_every_scenario_says_what_it_is_for(library: Library) -> None:
    with opened(library) as page:
        names = page.run("[...document.querySelectorAll('#scenario-name option')].map((each) => each.value)")
        assert names == [*shipped()]
        choose(page, "store-outage")
        told = read(shipped()["store-outage"].read_text("utf-8"))
        assert (
            page.text("#scenario-about")
            == f"{told.about} What keeps it so: {told.safeguard}. It needs minio on PATH."
        )
        assert complaints(page) == []


def test_a_scenario_is_run_and_watched_to_its_end(library: Library) -> None:
    """Step by step; whether it passes is this machine's to say, and is told as it came."""
    told = read(shipped()["edge-crashes"].read_text("utf-8"))
    with opened(library) as page:
        choose(page, "edge-crashes")
        page.run("document.querySelector('#scenario button').focus()")
        page.key("Enter")
        page.until(f"{STATE} === 'starting'")
        assert posted(library, {"run": "cache-wipe"}) == 409
        becomes(page, WORLD_SECONDS, "running")
        assert page.run(ROWS % "timeline")[0] == ["under way", "warm"]
        assert {state for state, _ in page.run(ROWS % "verdicts")} == {"to come"}
        is_done = "document.querySelectorAll('#timeline [data-state=done]').length"
        eventually(lambda: page.run(is_done) > 1, "two steps are done", RUN_SECONDS)
        page.until("document.getElementById('scenario-figures').textContent.includes(' to viewers, ')")
        state = becomes(page, RUN_SECONDS, "passed", "failed")
        steps, verdicts = page.run(ROWS % "timeline"), page.run(ROWS % "verdicts")
        assert len(steps) == len(told.steps)
        assert {each for each, _ in steps} == {"done"}, page.text("#scenario-state")
        assert [what for _, what in verdicts] == [str(each) for each in told.expect]
        assert (state == "passed") == ({each for each, _ in verdicts} == {"done"})
        assert page.text("#scenario-state").startswith(f"edge-crashes {state}")
        assert page.run("document.getElementById('scenario-stop').disabled")
        page.call("Page.navigate", url=page.run("document.getElementById('scenario-report').href"))
        page.until("document.querySelector('h1').textContent === 'Scenario edge-crashes'")
        assert complaints(page) == []
    eventually(lambda: not left(library), "its world is gone")


def test_a_scenario_is_stopped(library: Library) -> None:
    """From a phone; what it was is told until the next, to a page that is loaded anew, too."""
    with opened(library, width=360, height=740) as page:
        choose(page, "cache-wipe")
        page.run("document.getElementById('scenario-without').click()")
        page.press("Run", "#scenario")
        page.until(f"{STATE} === 'starting' && document.querySelectorAll('#timeline li').length > 3", 60)
        assert page.text("#scenario-state") == "cache-wipe without its safeguard its world is starting"
        assert page.run("document.documentElement.scrollWidth <= 360")
        page.press("Stop", "#scenario")
        becomes(page, 90.0, "stopped")
    with opened(library) as page:
        page.until(f"{STATE} === 'stopped'")
        assert page.run("document.getElementById('scenario-name').value") == "cache-wipe"
    eventually(lambda: not left(library), "its world is gone")
    assert posted(library, {"stop": True}) == 409
