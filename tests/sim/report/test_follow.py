"""How the page follows its world, in a real browser: what it says while it hears nothing, and that it goes on when
there is something to hear."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.browser import Page
from tests.support.library import Library

FAKES = """
window.sources = [];
window.EventSource = class extends EventTarget {
  static CLOSED = 2;
  readyState = 0;
  constructor(url) { super(); this.url = url; sources.push(this); }
  close() { this.readyState = 2; }
};
const clock = performance.now.bind(performance);
window.skew = 0;
performance.now = () => clock() + window.skew;
const get = window.fetch.bind(window);
window.asked = 0;
window.refusal = null;
window.fetch = (path, options) => {
  if (path.startsWith("http")) return Promise.resolve(new Response("")); // no photograph is there
  if (path !== "/state") return get(path, options);
  window.asked += 1;
  return window.refusal ? Promise.reject(window.refusal) : Promise.resolve(new Response(window.picture));
};
"""
TELL = "sources.at(-1).dispatchEvent(new MessageEvent('message', { data: window.picture }))"
BREAK = "sources.at(-1).dispatchEvent(new Event('error'))"
LOST = "document.getElementById('lost').innerText"


@pytest.fixture
def page(library: Library) -> Iterator[Page]:
    """The page, whose connection to the world is played by the test; it was told one picture."""
    url = library.world.ready["page_url"]
    picture = library.world.http.request("GET", f"{url}/state").json()
    page = library.browser.page("about:blank")
    try:
        page.call("Page.addScriptToEvaluateOnNewDocument", source=FAKES)
        page.call("Page.navigate", url=url)
        page.until("document.readyState === 'complete' && window.sources?.length === 1")
        page.run(f"window.picture = {json.dumps(json.dumps(picture))}; {TELL}")
        page.until("document.querySelectorAll('[data-node]').length > 0")
        yield page
        assert page.complaints == []
    finally:
        page.close()


def test_a_world_that_ended_is_said_to_and_one_that_is_back_is_followed(page: Page) -> None:
    """By events again, even where the browser itself gave them up."""
    page.run(f"refusal = new TypeError('refused'); sources.at(-1).close(); {BREAK}")
    page.until(f"{LOST} === 'This world does not run any more. What is shown is how it was.'")
    assert page.run("getComputedStyle(document.querySelector('main')).opacity") == "0.6"
    page.run("refusal = null")
    page.until("sources.length === 2")
    assert page.text("#lost") == ""
    assert page.run("getComputedStyle(document.querySelector('main')).opacity") == "1"
    page.run(TELL)
    asked = page.run("asked")
    page.run("new Promise((resolve) => setTimeout(resolve, 1500))")
    assert page.run("asked") == asked


def test_a_world_that_only_keeps_still_is_not_shown_as_if_it_ran(page: Page) -> None:
    """Its connection stands, and nothing comes."""
    page.run("refusal = new DOMException('late', 'TimeoutError'); skew = 60_000")
    page.until(f"{LOST} === 'This world does not answer. What is shown is how it was.'")
    assert page.run("sources.length") == 1
    page.run(TELL)
    assert page.text("#lost") == ""
