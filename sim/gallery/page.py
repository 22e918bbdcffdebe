"""The gallery as one HTML file that needs nothing beside it."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

from attrs import frozen

from sim.gallery.entries import Entry, Section
from sim.gallery.studio import Shot

SHOWN = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/avif",
        "image/gif",
        "image/svg+xml",
        "image/bmp",
        "image/x-icon",
    }
)
"""What browsers show."""

_STYLE = """
body { font: 13px/1.4 system-ui, sans-serif; margin: 2rem; color: #182030; background: #fff }
h1 { font-size: 1.4rem } h2 { margin-top: 2.5rem; font-size: 1.1rem; border-bottom: 1px solid #ccd }
nav a { margin-right: 1em }
main { max-width: 1500px }
section div { display: flex; flex-wrap: wrap; gap: 18px; align-items: flex-end }
figure { margin: 0; flex: none }
img { display: block; background: repeating-conic-gradient(#d4d4d4 0 25%, #fff 0 50%) 0 0 / 16px 16px }
figcaption { font: 11px/1.35 ui-monospace, monospace; overflow-wrap: anywhere; margin-top: 4px; max-width: 240px }
small { color: #678 } .refused { color: #a00 }
"""


@frozen
class Exhibit:
    """An entry and what came of it."""

    entry: Entry
    shot: Shot


def page(title: str, intro: str, exhibits: Sequence[tuple[Section, Sequence[Exhibit]]]) -> str:
    """The whole document."""
    links = " ".join(f'<a href="#{_slug(section)}">{escape(section.title)}</a>' for section, _ in exhibits)
    return "\n".join(
        (
            f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>',
            f"<style>{_STYLE}</style><main><h1>{escape(title)}</h1><p>{escape(intro)}</p><nav>{links}</nav>",
            *(_section(section, shown) for section, shown in exhibits),
            "</main></html>\n",
        )
    )


def _section(section: Section, exhibits: Iterable[Exhibit]) -> str:
    figures = "\n".join(map(_figure, exhibits))
    return (
        f'<section id="{_slug(section)}"><h2>{escape(section.title)}</h2><div>\n{figures}\n</div></section>'
    )


def _figure(exhibit: Exhibit) -> str:
    entry, shot = exhibit.entry, exhibit.shot
    if shot.refusal:
        body = f'<p class="refused">{escape(shot.refusal)}</p>'
    elif shot.media_type in SHOWN:
        data = base64.b64encode(shot.body).decode()
        body = f'<img loading="lazy" alt="" src="data:{shot.media_type};base64,{data}">'
    else:
        body = f"<p>{escape(shot.media_type)}</p>"
    facts = "" if shot.refusal else f" {escape(shot.media_type.partition('/')[2])}, {len(shot.body):,} bytes"
    caption = f"{escape(entry.chain)} <small>{escape(entry.picture)}{facts}</small>"
    return f"<figure>{body}<figcaption>{caption}</figcaption></figure>"


def _slug(section: Section) -> str:
    return section.title.lower().replace(" ", "-").replace(",", "")
