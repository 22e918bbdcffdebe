"""Image Manager: which picture a viewer gets, and that a purge of the picture's URL finds it (cdn-vendors §16)."""

from __future__ import annotations

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st

from edge.control.purge import Purge, carry_out
from edge.core.key import address_of
from edge.core.policy import KeyPolicy
from edge.personality.akamai.image_manager import BREAKPOINTS, ImageManager, ImagePolicy
from edge.personality.akamai.images import HINTS, PARAMETERS, breakpoint_for, derivative_of, source_of
from edge.personality.akamai.settings import Property, VerifyToken
from edge.service import EdgeNode
from tests.support.edge_node import get, running_edge
from tests.support.edgeauth import E1, KEY
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import ask
from wire.delivery import parse
from wire.errors import MediaError
from wire.http.fields import Fields, RequestHead
from wire.tokens.edgeauth import Lock

PICTURE = "/demo/image/upload/cat.jpg"
PLAIN = ImageManager()
HINTED = ImageManager(client_hints=True)
NEW = "image/avif,image/webp,*/*"


def made(query: str = "", told: ImageManager = PLAIN, picture: str = PICTURE, **fields: str) -> str:
    """What the origin is asked for, less what never differs here."""
    target = f"{picture}?{query}" if query else picture
    found = derivative_of(told, picture, target, Fields.of(**fields))
    assert found is not None
    return found.target.removeprefix("/demo/image/upload/")


class TestWidth:
    @pytest.mark.parametrize(
        ("query", "width"),
        [
            ("", 5000),
            ("imwidth=1", 320),
            ("imwidth=320", 320),
            ("imwidth=321", 640),
            ("imwidth=9999", 5000),
            ("imwidth=320&imdensity=2", 640),
            ("imwidth=320&imdensity=1.5", 640),
            ("imwidth=320&imdensity=0.5", 320),
            ("imdensity=3", 5000),
            ("imwidth=wide", 5000),
            ("imwidth=0", 5000),
            ("imwidth=320&imdensity=-1", 320),
            ("imwidth=300&imwidth=2000", 320),
        ],
    )
    def test_a_breakpoint_as_wide_as_wanted_is_served(self, query: str, width: int) -> None:
        """And never more than the source has: `c_limit`. What is no number is not there."""
        assert made(query) == f"c_limit,w_{width}/q_85/f_jpg/cat.jpg"

    @given(st.lists(st.integers(1, 20_000), min_size=1, max_size=8), st.floats(0.1, 30_000))
    def test_the_choice_is_one_of_those_that_there_are(self, breakpoints: list[int], width: float) -> None:
        chosen = breakpoint_for(width, breakpoints)
        assert chosen in breakpoints
        assert chosen >= width or chosen == max(breakpoints)
        assert not [each for each in breakpoints if width <= each < chosen]

    @given(
        st.lists(st.integers(1, 20_000), min_size=1, max_size=8),
        st.floats(0.1, 30_000),
        st.floats(0.1, 30_000),
    )
    def test_who_wants_more_gets_no_less(self, breakpoints: list[int], one: float, other: float) -> None:
        less, more = sorted((one, other))
        assert breakpoint_for(less, breakpoints) <= breakpoint_for(more, breakpoints)
        assert breakpoint_for(more, breakpoints) <= breakpoint_for(None, breakpoints) == max(breakpoints)


class TestFormat:
    @pytest.mark.parametrize(
        ("accept", "query", "kind"),
        [
            (NEW, "", "avif"),
            ("image/webp,*/*", "", "webp"),
            ("*/*", "", "jpg"),
            ("image/avif;q=0, image/webp;q=0.1", "", "webp"),
            ("*/*", "imformat=chrome", "avif"),
            (NEW, "imformat=safari", "webp"),
            (NEW, "imformat=ie", "jpg"),
            (NEW, "imformat=generic", "jpg"),
            (NEW, "imformat=netscape", "avif"),
        ],
    )
    def test_the_family_decides_or_else_what_the_viewer_accepts(
        self, accept: str, query: str, kind: str
    ) -> None:
        assert f"/f_{kind}/" in made(query, Accept=accept)

    def test_a_png_stays_one_for_who_knows_nothing_newer(self) -> None:
        assert made(picture="/demo/image/upload/cat.png").endswith("/f_png/cat.png")
        assert made(picture="/demo/image/upload/cat.webp").endswith("/f_jpg/cat.webp")

    def test_only_formats_of_the_owners_choice_are_made(self) -> None:
        assert "/f_webp/" in made(told=ImageManager(formats=("webp",)), Accept=NEW)
        assert "/f_jpg/" in made("imformat=chrome", ImageManager(formats=()))

    def test_caches_behind_the_edge_hear_what_it_followed(self) -> None:
        """A word of the URL's is in the URL."""
        for query, varies in (("", "Accept"), ("imformat=chrome", "")):
            found = derivative_of(PLAIN, PICTURE, f"{PICTURE}?{query}", Fields())
            assert found is not None
            assert (found.told(Fields()).joined("vary") or "") == varies
            assert "accept-ch" not in found.told(Fields())


class TestPolicies:
    TOLD = ImageManager(
        quality=70,
        policies={
            "small": ImagePolicy(breakpoints=(100, 200)),
            "old": ImagePolicy(quality=30, transformation="e_sepia/c_fill,w_9,h_9"),
        },
    )

    def test_one_is_asked_for_by_name_and_what_it_leaves_open_is_the_managers(self) -> None:
        assert made("impolicy=small&imwidth=101", self.TOLD).startswith("c_limit,w_200/q_70/")
        assert made("impolicy=old", self.TOLD).startswith("e_sepia/c_fill,w_9,h_9/c_limit,w_5000/q_30/")

    def test_a_name_that_nobody_knows_is_the_default(self) -> None:
        named = ImageManager(transformation="e_sepia")
        assert made("impolicy=none", named) == made("", named) == made("impolicy=.auto", named)
        assert made("", named).startswith("e_sepia/c_limit,w_5000/q_85/")

    @pytest.mark.parametrize("chain", ["f_auto", "w_auto", "cat", "w_1/", "zz_1,w_1/w_auto"])
    def test_a_transformation_that_depends_on_more_than_its_words_is_refused(self, chain: str) -> None:
        with pytest.raises(ValueError, match="'transformation' must be a transformation of the origin's"):
            ImagePolicy(transformation=chain)


class TestHints:
    @pytest.mark.parametrize(
        ("hints", "query", "width"),
        [
            ({"Width": "700"}, "", 1024),
            ({"Sec_CH_Width": '"300"', "Width": "700"}, "", 320),
            ({"Viewport_Width": "400"}, "", 640),
            ({"Viewport_Width": "400", "DPR": "2"}, "", 1024),
            ({"Width": "700", "DPR": "2"}, "", 1024),
            ({"Width": "600", "DPR": "2"}, "imdensity=1", 320),
            ({"DPR": "2"}, "", 5000),
            ({"Width": "2000", "DPR": "3"}, "imwidth=300", 320),
            ({"Viewport_Width": "400", "DPR": "1"}, "imdensity=2", 1024),
        ],
    )
    def test_they_say_how_wide_unless_the_url_does(
        self, hints: dict[str, str], query: str, width: int
    ) -> None:
        """Width counts the screen's own pixels, Viewport-Width those of CSS."""
        assert made(query, HINTED, **hints).startswith(f"c_limit,w_{width}/")
        assert made(query, PLAIN, **hints) == made(query, PLAIN)

    def test_they_are_asked_for_and_told(self) -> None:
        found = derivative_of(HINTED, PICTURE, PICTURE, Fields.of(Vary="Accept-Encoding"))
        assert found is not None
        told = found.told(Fields.of(Vary="Accept-Encoding"))
        assert told.get("accept-ch") == ", ".join(HINTS)
        assert told.members("vary") == ("Accept-Encoding", *HINTS, "Accept")


class TestWhatIsManaged:
    @pytest.mark.parametrize(
        "target",
        [
            "/demo/image/upload/w_40/cat.jpg",
            "/demo/image/upload/t_named/v1/cat.jpg",
            "/demo/image/upload/s--abcdefgh--/cat.jpg",
            "/demo/image/private/cat.jpg",
            "/demo/image/fetch/http://elsewhere.example/cat.jpg",
            "/demo/image/upload/cat.gif",
            "/demo/image/upload/cat.svg",
            "/demo/image/upload/cat",
        ],
    )
    def test_others_are_asked_for_as_they_stand(self, target: str) -> None:
        """Less the manager's parameters, which no origin gets to see."""
        path = target.partition("?")[0]
        found = derivative_of(PLAIN, path, f"{target}?imwidth=3&a=b&im=Goop", Fields())
        assert found is not None
        assert (found.target, found.follows) == (f"{target}?a=b", ())
        assert source_of(target) is None

    @pytest.mark.parametrize(
        "target", ["/", "/api?im=x", "/demo/raw/upload/a.jpg", "/demo/video/upload/a.jpg"]
    )
    def test_what_is_no_picture_is_left_alone(self, target: str) -> None:
        assert derivative_of(PLAIN, target.partition("?")[0], target, Fields()) is None

    def test_a_clouds_own_host_needs_no_name_of_it(self) -> None:
        found = derivative_of(PLAIN, "/image/upload/v7/a/cat.jpg", "/image/upload/v7/a/cat.jpg", Fields())
        assert found is not None
        assert found.target == "/image/upload/c_limit,w_5000/q_85/f_jpg/v7/a/cat.jpg"
        assert source_of(found.target) == "/image/upload/v7/a/cat.jpg"


_pictures = st.from_regex(
    r"/demo/image/upload/(v[0-9]{1,3}/)?([a-z]{1,4}/){0,2}[a-z0-9%_-]{1,6}\.(jpg|png|webp|tif)",
    fullmatch=True,
)
_queries = st.lists(
    st.tuples(
        st.sampled_from([*PARAMETERS, "v"]),
        st.sampled_from(["300", "2", "chrome", "ie", "old", "Grayscale", "Resize=200;Grayscale", "Rotate=9"]),
    ).filter(lambda pair: pair[0] != "im" or pair[1][0].isupper()),
    max_size=4,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
_accepts = st.sampled_from(["", NEW, "image/webp"])


@given(_pictures, _queries, _accepts)
def test_what_is_made_is_that_picture_and_knows_its_source(picture: str, query: str, accept: str) -> None:
    """The origin reads the same picture out of the path; and no parameter of the manager's goes on."""
    found = derivative_of(TestPolicies.TOLD, picture, f"{picture}?{query}", Fields.of(Accept=accept))
    try:
        before = parse(picture.encode())
    except MediaError:
        assert found is None
        return
    assert found is not None
    path, _, rest = found.target.partition("?")
    assert all(pair.partition("=")[0] == "v" for pair in rest.split("&") if pair)
    if before.chain or before.signature:
        return
    after = parse(path.encode())
    assert (after.resource, after.version, after.cloud) == (before.resource, before.version, before.cloud)
    assert source_of(found.target) == (f"{picture}?{rest}" if rest else picture)
    assert derivative_of(TestPolicies.TOLD, path, found.target, Fields()) is not None
    assert source_of(source_of(found.target) or "") is None


@given(st.tuples(_queries, _accepts), st.tuples(_queries, _accepts))
def test_viewers_share_an_entry_exactly_where_the_origin_is_asked_the_same(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    addresses = []
    for query, accept in (one, other):
        found = derivative_of(TestPolicies.TOLD, PICTURE, f"{PICTURE}?{query}", Fields.of(Accept=accept))
        assert found is not None
        head = RequestHead("GET", found.target, fields=Fields.of(Host="h.example"))
        addresses.append(address_of(head, KeyPolicy()))
    first, second = addresses
    assert (first.key == second.key) is (first.target == second.target)


MANAGED = Property(image_manager=ImageManager())


async def an_origin() -> ScriptedOrigin:
    """Whatever is asked of it is a picture to be kept."""
    origin = ScriptedOrigin().listen()
    for width in (320, 640):
        for kind in ("avif", "jpg"):
            path = f"/demo/image/upload/c_limit,w_{width}/q_85/f_{kind}/cat.jpg"
            origin.on(
                path, reply(f"{width} {kind}".encode(), Cache_Control="max-age=600", ETag=f'"{width}{kind}"')
            )
    return origin


async def shown(edge: EdgeNode, query: str, accept: str = "") -> tuple[bytes, str]:
    """A picture's body, and what the cache did."""
    answer = await get(edge, f"{PICTURE}?{query}", Accept=accept, Pragma="akamai-x-cache-on")
    assert answer.status == 200
    return answer.body, answer.cache.partition(" from ")[0]


@pytest_twisted.ensureDeferred
async def test_a_purge_of_the_pictures_url_finds_all_that_was_made_of_it() -> None:
    """Bare or with its host, or with what viewers ask by, and the soft one too; another picture, or another host's,
    keeps what it has."""
    origin = await an_origin()
    async with running_edge(origin.url, personality="akamai", akamai=MANAGED) as edge:
        assert edge.machinery is not None
        views = [("imwidth=300", ""), ("imwidth=500", ""), ("imwidth=600", NEW)]
        asked = "?imwidth=300&im=Crop,rect=(0,0,9,9)"
        for url in (PICTURE, f"http://cdn.example{PICTURE}", f"http://cdn.example{PICTURE}{asked}"):
            for soft in (False, True):
                for view in views:
                    await shown(edge, *view)
                assert [(await shown(edge, *view))[1] for view in views] == ["TCP_MEM_HIT"] * 3
                others = Purge(
                    urls=(
                        f"http://other.example{PICTURE}{asked}",
                        "/demo/image/upload/dog.jpg?imwidth=300",
                        f"{PICTURE}?v=1",
                    )
                )
                assert await carry_out(others, edge.machinery) == 0
                assert await carry_out(Purge(urls=(url,), soft=soft), edge.machinery) == 3
                assert "TCP_MEM_HIT" not in [(await shown(edge, *view))[1] for view in views]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_viewers_who_come_to_the_same_choice_share_it() -> None:
    """Whatever they wrote; and a log or redirect still knows what that was."""
    origin = await an_origin()
    async with running_edge(origin.url, personality="akamai", akamai=MANAGED) as edge:
        assert await shown(edge, "imwidth=320") == (b"320 jpg", "TCP_MISS")
        assert await shown(edge, "imformat=ie&imdensity=2&imwidth=150", NEW) == (b"320 jpg", "TCP_MEM_HIT")
        assert await shown(edge, "imwidth=1&imformat=chrome") == (b"320 avif", "TCP_MISS")
        assert [asked.target for asked in origin.requests] == [
            "/demo/image/upload/c_limit,w_320/q_85/f_jpg/cat.jpg",
            "/demo/image/upload/c_limit,w_320/q_85/f_avif/cat.jpg",
        ]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_without_the_manager_all_is_as_the_url_says() -> None:
    """So it is where its path does not reach, for other methods, and for an edge of ours that has chosen already."""
    origin = ScriptedOrigin().listen()
    target = f"{PICTURE}?imwidth=300"
    origin.on(PICTURE, reply(b"whole", Cache_Control="max-age=600"))
    elsewhere = Property(image_manager=ImageManager(path="/other/*"))
    for told in (Property(), elsewhere):
        async with running_edge(origin.url, personality="akamai", akamai=told) as edge:
            answer = await get(edge, target, Accept=NEW)
            assert (answer.body, answer.get("Vary"), answer.get("Accept-CH")) == (b"whole", "", "")
    async with running_edge(origin.url, personality="akamai", akamai=MANAGED) as edge:
        assert (await ask(edge.port, target, "POST", b"x")).status == 200
        assert (await get(edge, target, CDN_Loop="pixeledge; node=sin")).body == b"whole"
    assert {asked.target for asked in origin.requests} == {target}
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_query_with_a_mistake_is_refused_before_the_origin() -> None:
    origin = await an_origin()
    async with running_edge(origin.url, personality="akamai", akamai=MANAGED) as edge:
        refused = await get(edge, f"{PICTURE}?im=Goop%3Cb%3E")
        assert refused.status == 400
        assert b"im: Goop&lt;b&gt; is none of BackgroundColor, Blur" in refused.body
        assert origin.requests == []
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_token_is_looked_at_first_and_for_the_viewers_own_url() -> None:
    told = Property(tokens=(VerifyToken(Lock(KEY), "/media/*"),), image_manager=HINTED)
    picture, origin = PICTURE.replace("demo", "media"), ScriptedOrigin().listen()
    made = "/media/image/upload/c_limit,w_320/q_85/f_avif/cat.jpg"
    origin.on(made, reply(b"320 avif", Cache_Control="max-age=600"))
    async with running_edge(origin.url, personality="akamai", akamai=told) as edge:
        assert (await get(edge, f"{picture}?im=Goop")).status == 403
        assert (await get(edge, f"{picture}?imwidth=300")).status == 403
        answer = await get(edge, f"{picture}?imwidth=300&__token__={E1}", Accept=NEW)
        assert (answer.status, answer.body) == (200, b"320 avif")
        assert answer.get("Accept-CH") == ", ".join(HINTS)
        assert answer.get("Vary") == ", ".join((*HINTS, "Accept"))
        assert origin.count() == 1
    await origin.stop()


def test_the_settings_that_an_owner_gets_wrong() -> None:
    assert ImageManager().breakpoints == BREAKPOINTS == (320, 640, 1024, 2048, 5000)
    for wrong in (
        {"breakpoints": ()},
        {"breakpoints": (0,)},
        {"quality": 101},
        {"policies": {".auto": ImagePolicy()}},
    ):
        with pytest.raises(ValueError, match="must"):
            ImageManager(**wrong)
