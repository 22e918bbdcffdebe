"""sim.world: where to find what of a settled topology."""

from urllib.parse import parse_qs, urlsplit

from sim.world import World
from tests.sim.topology.test_read import SMALL
from tests.sim.topology.test_settle import DNS, SHIPPED, settled


def test_the_librarys_link_carries_the_key_where_no_server_is_told() -> None:
    """A fragment is not sent, so no log has it."""
    url = urlsplit(World(settled()).library_url)
    assert (url.netloc, url.path, url.query) == ("127.0.0.1:8001", "/library/", "")
    (secret,) = parse_qs(url.fragment)["secret"]
    assert secret == "demo-secret-for-this-laptop-only"


def test_pages_may_load_from_where_viewers_are_sent() -> None:
    """A policy holds for redirects, too: only a world that redirects needs its edges in it."""
    assert World(settled()).fronts == ("http://127.0.0.1:8000", "https://127.0.0.1:8443")
    redirecting = World(settled(SHIPPED.replace("mode: proxy", "mode: redirect")))
    edges = {f"http://127.0.0.1:{port}" for port in range(9202, 9206)}
    assert redirecting.fronts[0] == "http://127.0.0.1:8000"
    secure = {f"https://127.0.0.1:{port}" for port in (8443, *range(9402, 9406))}
    assert set(redirecting.fronts[1:]) == edges | secure


def test_in_mode_dns_names_lead_to_the_edges() -> None:
    """Programs are told the name server and the URLs; the page may show pictures from there."""
    world = World(settled(SMALL + DNS))
    assert world.named_fronts[:2] == ("http://cdn.test:8000", "https://cdn.test:8443")
    assert {"http://127.0.1.1:8000", "http://img.cdn.test:8000"} <= set(world.fronts)
    assert world.ready_document({})["dns"] == {"server": "127.0.0.1:8053", "urls": world.named_fronts}
    assert "dns" not in World(settled()).ready_document({})
