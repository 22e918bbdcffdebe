"""The media library in a real browser, over a real world, as a person uses it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.library import Library, assert_clean, picture, through

MARKUP = "<img src=x onerror=window.pwned=1>"
FOLDER = "\u202ef'older *\" onclick='window.pwned=1"
HOSTILE = {
    "quotes": """o'"brien' onerror='window.pwned=1""",
    "emoji": "🦊 fox/🐾",
    "turned": "\u202egnp.exe\u05d0\u05d1",
}


def test_one_signs_in_with_a_key_and_is_told_what_is_wrong_with_another(library: Library) -> None:
    """The API's own sentence; the key stays in the tab, and in no address."""
    page = library.browser.page(library.url)
    page.until("!document.querySelector('#sign-in').hidden")
    assert page.run("document.querySelector('[name=cloud]').value") == "demo"
    page.type("[name=secret]", "wrong")
    page.key("Enter")
    page.until("document.querySelector('#sign-in .error').innerText === 'api_secret mismatch'")
    page.type("[name=secret]", library.world.ready["api_secret"])
    page.key("Enter")
    page.until("!document.querySelector('#library').hidden")
    assert page.run("location.href") == library.url
    page.call("Page.reload")
    page.until("document.querySelector('#where').innerText === 'Media library of demo'")
    page.click("#sign-out")
    page.until("!document.querySelector('#sign-in').hidden && document.querySelector('#library').hidden")
    assert page.run("JSON.stringify(sessionStorage)") == "{}"
    assert_clean(page, "401")


def test_a_link_with_the_key_leaves_no_trace_of_it(library: Library) -> None:
    """What `up` prints: servers are not told fragments, and history must not keep it either."""
    page = library.open()
    assert page.run("location.href") == library.url
    history = page.call("Page.getNavigationHistory")["entries"]
    assert not any(library.world.ready["api_secret"] in entry["url"] for entry in history)
    assert_clean(page)


def test_files_are_uploaded_picked_or_dropped_each_with_its_end(library: Library, tmp_path: Path) -> None:
    """Several at once, one larger than a piece and one that is refused, which can be tried again."""
    for number, name in enumerate(("red", "blue", "green")):
        (tmp_path / f"{name}.png").write_bytes(picture(64 + number))
    (tmp_path / "large.bin").write_bytes(bytes(range(256)) * 90_000)  # 23 MB
    (tmp_path / "empty.png").write_bytes(b"")
    library.call("POST", "folders/shop")
    page = library.open("#folder=shop")
    picked = ("red.png", "blue.png", "large.bin", "empty.png")
    page.choose_files("#files", [tmp_path / name for name in picked])
    page.until("document.querySelectorAll('#uploads .done').length === 3")
    page.until("document.querySelectorAll('#uploads .failed').length === 1")
    assert page.text("#uploads h2") == "3 uploaded, 1 failed"
    assert page.text("#uploads .failed .quiet") == "Empty file"
    page.press("Try again", "#uploads")
    page.until("document.querySelectorAll('#uploads .failed').length === 1")

    page.drop(640, 500, [tmp_path / "green.png"])
    page.until("document.querySelectorAll('#uploads .done').length === 4")
    page.until("[...document.querySelectorAll('#grid img')].filter((each) => each.naturalWidth).length === 3")
    stored = {each["display_name"]: each["bytes"] for each in library.found('asset_folder="shop"')}
    assert stored == {
        **{name: (tmp_path / f"{name}.png").stat().st_size for name in ("red", "blue", "green")},
        "large": 23_040_000,
    }
    page.click("#folders [href='#']")
    page.until("document.querySelector('#folders .chips').innerText.includes('shop')")
    assert_clean(page, "400")


def test_a_search_finds_and_tells_where_an_expression_is_wrong(library: Library) -> None:
    """The place is one in what was typed, whatever folder and type are chosen beside it."""
    library.put(picture(), public_id="found/one", tags="cat,red", asset_folder="found")
    library.put(picture(), public_id="found/two", tags="dog", asset_folder="found")
    page = library.open("#folder=found")
    page.type("#search [name=q]", "tags:cat OR tags:horse")
    page.key("Enter")
    page.until("document.querySelector('#count').innerText === '1 asset'")
    assert page.text("#grid .name") == "one"
    page.run("document.querySelector('#search [name=type]').value = 'image'")
    page.type("#search [name=q]", "tags:cat AND (bytes>")
    page.key("Enter")
    wrong = page.until("document.querySelector('#search-error').innerText")
    assert (
        wrong
        == library.call("POST", "resources/search", {"expression": "tags:cat AND (bytes>"})["error"][
            "message"
        ]
    )
    assert wrong.startswith("Query Error (at position ")
    assert page.text("#grid") == ""
    page.run("history.back()")
    page.until("document.querySelector('#count').innerText === '1 asset'")
    assert_clean(page, "400")


def test_pages_follow_as_one_goes_down(library: Library) -> None:
    """Forty at a time, until all are there."""
    with ThreadPoolExecutor(4) as pool:
        for number in range(95):
            pool.submit(library.put, b"%d" % number, public_id=f"n{number}.txt", asset_folder="many")
    page = library.open("#folder=many&sort=public_id+asc")
    page.until("document.querySelectorAll('#grid li').length >= 40")
    page.until(
        "(scrollTo(0, document.body.scrollHeight), document.querySelectorAll('#grid li').length === 95)"
    )
    assert page.text("#count") == "95 assets"
    assert (
        page.run(
            "new Set([...document.querySelectorAll('#grid li')].map((each) => each.dataset.assetId)).size"
        )
        == 95
    )
    assert page.run("document.querySelector('#more button').hidden")
    assert_clean(page)


def test_a_transformation_is_shown_as_it_is_typed_or_why_it_is_refused(library: Library) -> None:
    """The sentence, the size and the URL are what anybody gets who asks for that URL."""
    asset = library.put(picture(), public_id="tried")
    page = library.open(f"#asset={asset['asset_id']}")
    page.until("document.querySelector('.stage img')?.naturalWidth")
    assert page.text("#result") == f"png · 64 × 48 · {asset['bytes']} B"
    page.type("#chain", "c_fill,w_30,h_20/e_sepia")
    page.until("document.querySelector('#result').innerText.includes('30 × 20')")
    url = page.run("document.querySelector('#url').value")
    assert url == through(asset, "c_fill,w_30,h_20/e_sepia")
    answer = library.world.http.request("GET", url)
    assert page.text("#result") == f"png · 30 × 20 · {len(answer.data)} B"
    page.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    page.press("Copy URL")
    page.until("document.querySelector('.copy').innerText === 'Copied'")
    assert page.run("navigator.clipboard.readText()") == url

    page.type("#chain", "c_fill,w_ten")
    refusal = page.until("document.querySelector('#refusal').innerText")
    url = page.run("document.querySelector('#url').value")
    assert refusal == library.world.http.request("GET", url).headers["X-Cld-Error"]
    page.type("#chain", "l_text:Arial_20:50% off? #1")
    page.until("document.querySelector('#result').innerText.includes(' × 48')")
    assert (
        page.run("document.querySelector('#url').value").count("/l_text:Arial_20:50%25%20off%3F%20%231/") == 1
    )
    assert_clean(page, "400")


def test_what_only_signed_urls_show_is_shown_signed(library: Library) -> None:
    """The page signs for itself, thumbnails and previews alike; others are refused."""
    asset = library.put(picture(), public_id="secret/one", type="authenticated", asset_folder="hidden")
    page = library.open("#folder=hidden")
    page.until("document.querySelector('#grid img').naturalWidth")
    page.click("#grid a")
    page.until("document.querySelector('#chain')")
    page.type("#chain", "c_scale,w_32")
    page.until("document.querySelector('#result').innerText.includes('32 × 24')")
    url = page.run("document.querySelector('#url').value")
    assert library.world.http.request("GET", url).status == 200
    unsigned = "/".join(part for part in url.split("/") if not part.startswith("s--"))
    assert unsigned != url
    assert library.world.http.request("GET", unsigned).status == 401
    assert asset["type"] == "authenticated"
    assert_clean(page)


def test_an_asset_is_described_renamed_and_deleted(library: Library) -> None:
    """Each change is the API's, and one that is refused is told beside what was changed."""
    asset = library.put(
        picture(), public_id="mine/old", asset_folder="mine", tags="keep", context="alt=before"
    )
    library.put(picture(), public_id="mine/taken", asset_folder="mine")
    identity = asset["asset_id"]
    library.world.http.request("GET", through(asset, "c_scale,w_10"))
    page = library.open(f"#folder=mine&asset={identity}")
    page.until("document.querySelector('.said')")
    assert "c_scale,w_10" in page.text(".derived")
    page.type(".said [name=tags]", "keep, new tag")
    page.type(".said [name=context]", "alt = a = b|c\ncaption = x")
    page.press("Save")
    page.until("document.querySelector('.said .told').innerText === 'Saved'")
    now = library.call("GET", f"resources/{identity}")
    assert now["tags"] == ["keep", "new tag"]
    assert now["context"] == {"custom": {"alt": "a = b|c", "caption": "x"}}
    page.type(".said [name=context]", "nonsense")
    page.press("Save")
    page.until(
        "document.querySelector('.said .error').innerText === 'Context: write key = value, not nonsense'"
    )
    page.type(".said [name=context]", "")
    page.type(".said [name=tags]", "")
    page.press("Save")
    page.until("document.querySelector('.said .told').innerText === 'Saved'")
    assert {"tags", "context"}.isdisjoint(library.call("GET", f"resources/{identity}"))

    page.press("Rename", "#asset")
    page.type(".renaming input", "mine/taken")
    page.key("Enter")
    page.until("document.querySelector('.about .error').innerText.includes('mine/taken')")
    page.type(".renaming input", "mine/new")
    page.key("Enter")
    page.until("document.querySelector('#asset dd').innerText === 'mine/new'")
    assert library.call("GET", f"resources/{identity}")["public_id"] == "mine/new"

    page.press("Delete", "#asset")
    page.press("Cancel", "#question")
    assert library.call("GET", f"resources/{identity}")["public_id"] == "mine/new"
    page.press("Delete", "#asset")
    assert "mine/new and everything derived from it will be gone." in page.text("#question")
    page.press("Delete", "#question")
    page.until("!document.querySelector('#asset').open && document.querySelectorAll('#grid li').length === 1")
    assert "error" in library.call("GET", f"resources/{identity}")
    assert_clean(page, "409", "400")


@pytest.mark.parametrize("kind", HOSTILE)
def test_names_are_text_whatever_they_hold(library: Library, kind: str) -> None:
    """Markup in names, tags, folders and context is shown, not obeyed; what turns the line turns itself alone."""
    asset = library.put(
        picture(), public_id=f"evil/{HOSTILE[kind]}", display_name=f"{HOSTILE[kind].rpartition('/')[2]}{MARKUP}",
        asset_folder=FOLDER, tags=MARKUP, context={"alt": MARKUP},
    )  # fmt: skip
    page = library.open()
    chips = "[...document.querySelectorAll('#folders .chips a')]"
    page.until(f"({chips}.find((each) => each.textContent === {json.dumps(FOLDER)})?.click(), location.hash)")
    page.until(f"document.querySelector('[data-asset-id=\"{asset['asset_id']}\"] img')?.naturalWidth")
    page.click(f'[data-asset-id="{asset["asset_id"]}"] a')
    page.until("document.querySelector('.stage img')?.naturalWidth")
    assert page.run("document.querySelector('#asset dd bdi').textContent") == asset["public_id"]
    assert page.run("document.querySelector('.said [name=tags]').value") == MARKUP
    assert page.run("document.querySelector('#asset-title bdi').textContent") == asset["display_name"]
    page.type("#chain", "w_20")
    page.until("document.querySelector('#result').innerText.includes('20 × 15')")
    page.press("Delete", "#asset")
    assert asset["public_id"] in page.run("document.querySelector('#question').textContent")
    page.press("Delete", "#question")
    page.until("!document.querySelector('#asset').open")
    assert not library.found(f"asset_id={asset['asset_id']}")
    assert page.run("document.querySelector('img[src=x]')") is None
    assert_clean(page)


def test_the_keyboard_is_enough_and_a_phone_wide_enough(library: Library) -> None:
    """Tab reaches an asset, Enter opens it, Escape closes it and gives the focus back; nothing is wider than 390."""
    library.put(picture(), public_id="keys/" + "long_name_without_a_space" * 4, asset_folder="keys")
    page = library.open("#folder=keys", width=390, height=844)
    page.until("document.querySelectorAll('#grid li').length === 1")
    for _ in range(20):
        page.key("Tab")
        if page.run("document.activeElement.matches('#grid a')"):
            break
    page.key("Enter")
    page.until("document.querySelector('.said')")
    assert page.run("document.querySelector('#asset').scrollWidth <= 390")
    page.key("Escape")
    page.until("!document.querySelector('#asset').open && document.activeElement.matches('#grid a')")
    assert page.run("document.documentElement.scrollWidth <= 390")
    assert_clean(page)
