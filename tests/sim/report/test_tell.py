"""What the page says of commands, in a real browser: of several in a row, each is there to be seen and read out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.browser import Page
from tests.support.library import Library

SETUP = """(async () => {
  const { tell } = await import("/tell.js");
  const answers = (window.answers = {});
  window.fetch = (path) => new Promise((resolve) => { answers[path.slice(1)] = resolve; });
  window.heard = [];
  const log = document.getElementById("status");
  const hear = (changes) => {
    for (const { target, addedNodes } of changes) {
      const text = target === log ? [...addedNodes].map((each) => each.textContent).join("") : target.textContent;
      if (text) heard.push(text);
    }
  };
  new MutationObserver(hear).observe(log, { childList: true, subtree: true, characterData: true });
  window.say = (name) => { tell(name, {}, `Do ${name}`); };
  window.answer = (name, told, ok = true) => answers[name]({ ok, json: async () => told });
})()"""
LINES = "[...document.querySelectorAll('#status p')].map((each) => each.textContent)"


@contextmanager
def page_of(library: Library) -> Iterator[Page]:
    """The page, whose commands are answered by the test."""
    page = library.browser.page(library.world.ready["page_url"])
    try:
        page.until("document.querySelectorAll('[data-node]').length > 0")
        page.run(SETUP)
        yield page
    finally:
        page.close()


@pytest.fixture
def page(library: Library) -> Iterator[Page]:
    with page_of(library) as page:
        yield page


def test_of_two_commands_in_a_row_none_is_lost(page: Page) -> None:
    """The first is answered while the second is under way; each keeps its line, in a region that tells what changes in
    it, and only that."""
    page.run("say('one'); say('two')")
    page.run("answer('one', {nodes: {a: 'ok'}})")
    page.until(f"{LINES}[0].endsWith('done')")
    assert page.run(LINES) == ["Do one: done", "Do two …"]
    page.run("answer('two', {nodes: {a: 'it does not run'}})")
    page.until(f"{LINES}[1] === 'Do two: a: it does not run'")
    assert page.run("[...document.querySelectorAll('#status .bad')].map((each) => each.textContent)") == [
        "Do two: a: it does not run"
    ]
    assert page.run("heard") == ["Do one …", "Do two …", "Do one: done", "Do two: a: it does not run"]
    region = page.run(
        "(({ role, ariaLive, ariaAtomic }) => [role, ariaLive, ariaAtomic])(document.getElementById('status'))"
    )
    assert region == ["log", "polite", None]


def test_the_last_few_are_kept_and_one_that_is_answered_late_is_among_them(page: Page) -> None:
    page.run("for (const each of ['a', 'b', 'c', 'd']) say(each)")
    assert page.run(LINES) == ["Do b …", "Do c …", "Do d …"]
    page.run("answer('a', {error: {message: 'Not now'}}, false)")
    page.until(f"{LINES}.length === 3 && {LINES}[2] === 'Do a: Not now'")
    assert page.run(LINES) == ["Do c …", "Do d …", "Do a: Not now"]


def test_the_same_twice_is_said_twice(page: Page) -> None:
    for _ in range(2):
        page.run("say('it')")
        page.run("answer('it', {})")
        page.until(f"{LINES}.at(-1) === 'Do it: done'")
    assert page.run(LINES) == ["Do it: done", "Do it: done"]
