"""The page in a real browser, over a real world: what it shows, and what is done from it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sim.demo.photographs import PHOTOGRAPHS
from tests.support.browser import Browser, Page
from tests.support.world import World, eventually

FIGURE = re.compile(
    r'<figure data-public-id="(?P<id>[^"]+)">.*?<b class="pop">(?P<pop>[^<]*)</b>'
    r'<span class="cache[^"]*">(?P<cache>[^<]*)</span><span>\d+ ms</span><span>(?P<status>\d*)</span>',
    re.DOTALL,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The shipped topology, with the photographs."""
    running = World(tmp_path_factory.mktemp("page") / "var")
    try:
        running.start()
        log = running.state / "up.log"
        eventually(lambda: "CLOUDINARY_URL=" in log.read_text(), "the photographs are there")
        yield running
        assert running.stop() == 0
    finally:
        running.kill()


@contextmanager
def opened(browser: Browser, world: World, region: str = "", **size: int) -> Iterator[Page]:
    """The page, once its pictures have come. It has nothing to complain of."""
    page = browser.page(f"{world.ready['page_url']}/?region={region}", **size)
    try:
        page.until("document.body.dataset.looked", 60)
        yield page
        assert page.complaints == []
    finally:
        page.close()


def document(page: Page) -> str:
    return str(page.run("document.documentElement.outerHTML"))


def seen(page: Page) -> dict[str, tuple[str, str, str]]:
    """public_id → PoP, X-Cache and status, as shown."""
    return {
        each["id"]: (each["pop"], each["cache"], each["status"]) for each in FIGURE.finditer(document(page))
    }


def operates(page: Page, node: str, action: str) -> None:
    """Press a node's button, and wait for it to be done."""
    page.run(f"""document.querySelector('[data-node="{node}"] details').open = true""")
    page.click(f'[data-node="{node}"] [data-action="{action}"]')
    page.until("document.getElementById('status').innerText.endsWith(': done')")


@pytest.mark.parametrize(
    ("region", "pops"), [("se-asia", {"singapore"}), ("eu-central", {"frankfurt-a", "frankfurt-b"})]
)
def test_photographs_come_from_the_pops_of_the_region_first_miss_then_hit(
    world: World, browser: Browser, region: str, pops: set[str]
) -> None:
    """What the whole project is for, seen with a browser's eyes; its own cache has no part in it."""
    with opened(browser, world, region) as page:
        first = seen(page)
    with opened(browser, world, region) as page:
        second = seen(page)
    assert set(first) == set(second) == {photograph.public_id for photograph in PHOTOGRAPHS}
    assert {pop for pop, _, _ in first.values()} == pops
    assert {(cache, status) for _, cache, status in first.values()} == {("MISS", "200")}
    assert {(cache, status) for _, cache, status in second.values()} == {("HIT", "200")}
    assert {key: pop for key, (pop, _, _) in first.items()} == {
        key: pop for key, (pop, _, _) in second.items()
    }


def test_the_world_is_shown_with_its_health_and_the_authors_with_their_work(
    world: World, browser: Browser
) -> None:
    """CC BY asks for the credit to be where the picture is. The world is told, and not asked for."""
    with opened(browser, world) as page:
        page.until("document.querySelectorAll('.dot.ready').length === 8")
        shown = document(page)
        polls = (
            "performance.getEntriesByType('resource').filter((each) => each.name.endsWith('/state')).length"
        )
        assert page.run(polls) == 0
    for name in ("main-1", "main-2", "shield", "ashburn", "frankfurt-a", "singapore", "balancer"):
        assert f'<span class="name">{name} ' in shown
    for photograph in PHOTOGRAPHS:
        assert f'<p class="credit">{photograph.credit}</p>' in shown


def test_a_page_that_is_told_nothing_asks(world: World, browser: Browser) -> None:
    page = browser.page("about:blank")
    try:
        page.call("Network.enable")
        page.call("Network.setBlockedURLs", urls=["*/events"])
        page.call("Page.navigate", url=world.ready["page_url"])
        page.until("document.querySelectorAll('.dot.ready').length === 8")
    finally:
        page.close()


def test_an_edge_is_restarted_from_the_keyboard(world: World, browser: Browser) -> None:
    """What the keyboard is at stays where it is while the world is shown anew."""
    pid = world.nodes()["frankfurt-b"]
    with opened(browser, world) as page:
        page.run("""document.querySelector('[data-node="frankfurt-b"] summary').focus()""")
        page.key("Enter")
        page.key("Tab")
        page.until("document.activeElement.dataset.action === 'restart'")
        page.key("Enter")
        more = """document.querySelector('[data-node="frankfurt-b"] .more').innerText"""
        page.until(f"{more}.includes('restarted 1×') && {more}.startsWith('ready')", 60)
        assert page.text("#status") == "Restart frankfurt-b: done"
        assert page.run("""document.activeElement.closest('[data-node="frankfurt-b"]') !== null""")
    eventually(lambda: world.nodes()["frankfurt-b"] != pid, "the ready file tells of the new process")


def test_an_edge_dies_stays_down_and_is_started_again(world: World, browser: Browser) -> None:
    with opened(browser, world) as page:
        operates(page, "ashburn", "die")
        page.until("""document.querySelector('[data-node="ashburn"] .dot').title === 'stopped'""")
        assert page.run(
            """document.querySelector('[data-node="ashburn"] [data-action="restart"]').disabled"""
        )
        operates(page, "ashburn", "start")
        page.until("""document.querySelector('[data-node="ashburn"] .dot.ready')""", 60)


def test_a_link_is_cut_slowed_and_healed(world: World, browser: Browser) -> None:
    """And the nodes at its ends say so, too."""
    link = '[data-link="na-east--se-asia"]'
    (edge,) = (each for each in world.ready["edges"] if each["name"] == "singapore")

    def cut() -> set[bool]:
        listed = world.get(edge["control_url"], "/links").json()["links"]
        return {each["out"]["cut"] for each in listed if each["far"][-1] == "na-east"}

    with opened(browser, world) as page:
        page.until(f"""document.querySelector('{link}[data-state="whole"] [data-action="cut"]')""")
        page.click(f'{link} [data-action="cut"]')
        page.until(f"""document.querySelector('{link}[data-state="cut"]')""")
        assert cut() == {True}
        page.click(f'{link} [data-action="slow"]')
        page.until(f"""document.querySelector('{link}[data-state="changed"] .rate').innerText === '300 ms'""")
        page.click(f'{link} [data-action="heal"]')
        page.until(f"""document.querySelector('{link}[data-state="whole"] .rate').innerText === '212 ms'""")
        assert cut() == {False}


def test_the_links_of_viewers_are_there_too(world: World, browser: Browser) -> None:
    """What flows on them is shown as it flows, and a picture takes as long as they say."""
    link = '[data-link="viewers.se-asia--se-asia"]'
    with opened(browser, world, "se-asia") as page:
        page.run("document.getElementById('viewers').open = true")
        page.until(f"""document.querySelector('{link}[data-state="whole"] [data-action="slow"]')""")
        page.click(f'{link} [data-action="slow"]')
        page.until(f"""document.querySelector('{link}[data-state="changed"] .rate').innerText === '300 ms'""")
        page.run("delete document.body.dataset.looked")
        page.click("#look button")
        flow = f"""document.querySelector('{link} .flow').innerText.split(',')[0]"""
        page.until(f"{flow}.startsWith('to viewers in se-asia ') && !{flow}.endsWith(' 0 B/s')", 60)
        page.until("document.body.dataset.looked", 60)
        median = page.text("#summary").partition("median ")[2].split()[0]
        assert int(median) >= 300
        page.click(f'{link} [data-action="heal"]')
        page.until(f"""document.querySelector('{link}[data-state="whole"]')""")
        line = '[data-link="viewers.se-asia--access"]'
        page.click(f'{line} [data-action="slow"]')
        page.until(f"""document.querySelector('{line}[data-state="changed"] .rate').innerText === '300 ms'""")
        page.click(f'{line} [data-action="heal"]')
        page.until(
            f"""document.querySelector('{line}[data-state="whole"] .more').innerText === 'as fast as can be'"""
        )


COMES_AND_GOES = """(async () => {
  const { show } = await import("/page.js");
  const world = await (await fetch("/state")).json();
  const names = () => [...document.querySelectorAll("[data-node]")].map((each) => each.dataset.node);
  const before = document.querySelector('[data-node="singapore"]');
  before.querySelector("summary").focus();
  const more = { ...world.nodes.find((node) => node.name === "main-2"), name: "main-3" };
  const nodes = world.nodes.filter((node) => node.name !== "frankfurt-b");
  nodes.splice(nodes.findIndex((node) => node.name === "main-2") + 1, 0, more);
  const regions = [...world.regions, "oceania"];
  const links = world.links.filter((link) => link.ends.join() !== "eu-central,se-asia");
  show({ ...world, nodes, regions, links });
  const then = { names: names(), lines: document.querySelectorAll("#map line").length };
  then.circles = document.querySelectorAll("#map circle").length;
  then.links = document.querySelectorAll("#links .link").length;
  then.isSame = before === document.querySelector('[data-node="singapore"]') && before.contains(document.activeElement);
  then.regions = [...document.querySelectorAll("#region option")].map((each) => each.value);
  show(world);
  return { then, now: names() };
})()"""


def test_nodes_come_and_go_while_one_looks(world: World, browser: Browser) -> None:
    """A node more, one less, a region more, a link less: what stays is left alone, and the page is not loaded anew."""
    with opened(browser, world) as page:
        page.until("document.querySelectorAll('[data-node]').length === 8")
        page.run("window.mark = 'the same page'")
        seen = page.run(COMES_AND_GOES)
        then = seen["then"]
        assert then["names"] == [
            *("balancer", "main-1", "main-2", "main-3", "shield", "ashburn"),
            *("frankfurt-a", "singapore"),
        ]
        assert (then["lines"], then["links"], then["circles"], then["isSame"]) == (2, 2, 4, True)
        assert then["regions"] == ["na-east", "eu-central", "se-asia", "oceania"]
        assert set(seen["now"]) == {*then["names"], "frankfurt-b"} - {"main-3"}
        assert page.run("window.mark") == "the same page"


def test_an_edge_drains_and_is_filled_again(world: World, browser: Browser) -> None:
    """The balancer asks the other one of its region meanwhile."""
    with opened(browser, world, "eu-central") as page:
        operates(page, "frankfurt-a", "drain")
        page.until("""document.querySelector('[data-node="frankfurt-a"] .draining')""")

        def comes_from_the_other() -> bool:
            page.run("delete document.body.dataset.looked")
            page.click("#look button")
            page.until("document.body.dataset.looked", 60)
            return page.text("#summary").endswith(", by frankfurt-b")

        # a suspect, or one that is just back, is not asked first
        eventually(comes_from_the_other, "frankfurt-b answers alone", 60)
        operates(page, "frankfurt-a", "drain")
        page.until("""!document.querySelector('[data-node="frankfurt-a"] .draining')""")


def test_what_is_purged_is_fetched_again(world: World, browser: Browser) -> None:
    with opened(browser, world, "se-asia"):
        pass  # everything is in the cache
    with opened(browser, world, "se-asia") as page:
        assert {cache for _, cache, _ in seen(page).values()} == {"HIT"}
        page.run("document.getElementById('purge-by').value = 'prefixes'")
        page.type("#purge-what", "/demo/image/upload/")
        page.key("Enter")
        page.until("document.getElementById('status').innerText.endsWith(': done')")
        page.run("delete document.body.dataset.looked")
        page.click("#look button")
        page.until("document.body.dataset.looked", 60)
        assert {cache for _, cache, _ in seen(page).values()} == {"MISS"}


def test_viewers_come_and_go(world: World, browser: Browser) -> None:
    told = "document.getElementById('traffic-told').innerText"
    with opened(browser, world) as page:
        page.type("#traffic-rate", "30")
        page.press("Start", "#traffic")
        page.until(f"{told}.startsWith('30 requests a second, ') && {told}.includes(' answered, 0 failed')")
        page.press("Stop", "#traffic")
        page.until(f"{told}.startsWith('no viewers, ')")


def test_a_region_dies_under_its_viewers_and_comes_back(world: World, browser: Browser) -> None:
    """Seen on the map and in words; those who live there are answered from elsewhere, and nobody goes without."""
    row = "document.querySelector('#regions tbody tr:nth-child(2)')"
    flows = "[...document.querySelectorAll('#map .lane')].some((each) => each.style.display !== 'none')"
    edges = ("frankfurt-a", "frankfurt-b")
    with opened(browser, world) as page:
        page.until(f"{row}.innerText.startsWith('eu-central') && {row}.cells[1].innerText === '2 of 2'")
        page.type("#traffic-rate", "20")
        page.press("Start", "#traffic")
        page.until(f"parseFloat({row}.cells[2].innerText) > 0 && {flows}")
        for edge in edges:
            operates(page, edge, "die")
        page.until(f"{row}.className === 'bad' && {row}.cells[1].innerText === '0 of 2'")
        page.until("document.querySelector('#map .place.bad .hits').textContent === '0 of 2 ready'")
        answered = "parseInt(document.getElementById('traffic-told').innerText.split(', ')[1])"
        before = page.run(answered)
        page.until(f"{answered} > {before + 60}", 60)
        for edge in edges:
            operates(page, edge, "start")
        page.until(f"{row}.className === 'good'", 60)
        page.press("Stop", "#traffic")
        page.until("document.getElementById('traffic-told').innerText.startsWith('no viewers, ')")
        assert ", 0 failed" in page.text("#traffic-told")


def test_it_fits_a_phone(world: World, browser: Browser) -> None:
    with opened(browser, world, width=360, height=740) as page:
        page.run("for (const each of document.querySelectorAll('details')) each.open = true")
        assert page.run("document.documentElement.scrollWidth <= 360")
