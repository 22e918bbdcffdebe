"""What a delivery URL or a chain comes to, as JSON: components, canonical text, plan, output, or the refusal.

Any bytes give an answer. Pure: nothing is stored, fetched or rendered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Factory, asdict, evolve, frozen

from origin.delivery.chains import is_only_attachment
from origin.transform.allowed import allowed
from origin.transform.canonical import canonical
from origin.transform.composite import Text
from origin.transform.language.about import About
from origin.transform.language.named import expanded, without_baseline
from origin.transform.limits import Limits
from origin.transform.params.output import check_baseline
from origin.transform.parse import Chain, parse_chain
from origin.transform.plan import Plan, SourceFacts
from origin.transform.references import Gathered, Margins, Reference, Referenced, Seeing, Thing, Wanted
from origin.transform.resolve import plan, settle
from origin.transform.sight import BLANK
from origin.transform.tracing import size_after
from origin.transform.values import InvalidValue
from wire.components import Component, printable, split_chain
from wire.delivery import DeliveryUrl, parse
from wire.errors import InvalidRequest, MediaError
from wire.negotiation import NOTHING, Negotiated, negotiates, vary_fields
from wire.public_ids import FORMATS

_URL = re.compile(
    rb"https?://|/|[^/,?]+/(?:image|video|raw|images|private_images|authenticated_images|files|videos|iu)/",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"(?P<width>[0-9]{1,6})x(?P<height>[0-9]{1,6})(?P<more>(?::[a-z]+(?:=[a-z0-9]+)?)*)")


@frozen
class Question:
    """What is assumed of the source, the viewer and the cloud."""

    facts: SourceFacts = SourceFacts(4000, 3000, "jpg")  # noqa: RUF009 - frozen
    layer: SourceFacts = SourceFacts(200, 200, "png", has_alpha=True)  # noqa: RUF009 - frozen
    viewer: Negotiated = NOTHING
    about: About = About(public_id="sample")  # noqa: RUF009 - frozen
    named: Mapping[str, str] = Factory(dict)
    limits: Limits = Factory(Limits)
    edges: Callable[[str], dict[str, Any]] | None = None
    """What PoPs with rules for paths make of one (`sim.topology.deciding`)."""

    def answer(self, line: bytes) -> dict[str, Any]:
        """The explanation of one URL or chain."""
        text = line.decode("utf-8", "replace")
        answer: dict[str, Any] = {"input": text}
        try:
            if _URL.match(line):
                self._explain_url(line, answer)
            else:
                self._explain_chain(_strict(line), None, answer)
        except MediaError as error:
            answer["error"] = {"status": error.status, "message": error.public}
            if isinstance(error, InvalidValue) and (hint := allowed(error)):
                answer["error"]["allowed"] = hint
        return answer

    def _explain_url(self, line: bytes, answer: dict[str, Any]) -> None:
        url = parse(line)
        answer["url"] = _parts_of(url)
        if self.edges is not None:
            answer["edges"] = self.edges(_path_of(_strict(line)))
        if url.asset_type == "image":
            about = evolve(self.about, public_id=url.public_id)
            evolve(self, about=about)._explain_chain(url.chain, _made_as(url), answer)
            return
        answer["components"] = [_params_of(component) for component in split_chain(url.chain)]
        if not is_only_attachment(url.chain):
            raise InvalidRequest(f"Transformations are not supported for {url.asset_type} files")

    def _explain_chain(self, raw: str, extension: str | None, answer: dict[str, Any]) -> None:
        answer.setdefault("components", [_params_of(component) for component in split_chain(raw)])
        baseline, raw = without_baseline(raw)
        if baseline is not None:
            self._under(baseline, answer)._explain_chain(raw, extension, answer)
            return
        whole = expanded(raw, self.named.get, self.limits)
        chain = parse_chain(whole, self.limits)
        answer["canonical"] = canonical(chain)
        answer["vary"] = vary_fields(negotiates(whole))
        _, wanted = self._planned(chain, extension, answer)
        answer["plan"] = wanted.to_json()
        answer["output"] = {"width": wanted.width, "height": wanted.height, "format": wanted.output.format}
        if wanted.output.others:  # only pixels can tell
            answer["output"]["formats"] = list(wanted.output.formats)

    def _under(self, baseline: str, answer: dict[str, Any]) -> Question:
        """The same question about what a baseline leaves of the source."""
        chain = parse_chain(f"t_{baseline}", self.limits, self.named.get)
        chain, made = self._planned(chain, None, answer)
        check_baseline(baseline, chain.settings)
        answer["baseline"] = {"width": made.width, "height": made.height, "format": made.output.format}
        return evolve(self, facts=SourceFacts(made.width, made.height, made.output.format))

    def _planned(self, chain: Chain, extension: str | None, answer: dict[str, Any]) -> tuple[Chain, Plan]:
        """The chain as it is for this source, and its plan.

        What only a catalogue or a look at pixels could tell is assumed, and the answer says so.
        """
        gathered = Gathered()
        while True:
            try:
                settled = settle(chain, self.facts, self.viewer, self.about, gathered, self.limits)
                return settled, plan(
                    settled, self.facts, self.viewer, extension, self.limits, self.about, gathered=gathered
                )
            except Wanted as wanted:
                gathered = self._assumed(wanted.thing, gathered)
                answer.update(_assumptions(gathered))

    def _assumed(self, thing: Thing, gathered: Gathered) -> Gathered:
        """Layers of one size, pictures without faces in which no part matters more, trims that take nothing."""
        match thing:
            case Reference():
                known = Referenced(self.layer, "assumed")
                return evolve(gathered, images={**gathered.images, thing: known})
            case Text():
                return evolve(gathered, texts={**gathered.texts, thing: self.layer.shown})
            case Seeing():
                return evolve(gathered, sights={**gathered.sights, thing: BLANK})
            case Margins(look=look):
                size = self.layer.shown
                if look.source is None:
                    size = self.facts.shown if look.orient else (self.facts.width, self.facts.height)
                for operation in look.operations:
                    size = size_after(operation, size)
                return evolve(gathered, margins={**gathered.margins, thing: (0, 0, *size)})


def _assumptions(gathered: Gathered) -> dict[str, Any]:
    """What was assumed, in words."""
    layers = [
        *(each.public_id for each in gathered.images),
        *(f"text:{each.family}_{each.size}" for each in gathered.texts),
    ]
    sights = [each.reference.public_id if each.reference else "the image" for each in gathered.sights]
    answer: dict[str, Any] = {"assumed_layers": layers} if layers else {}
    if sights:
        answer["assumed_sights"] = dict.fromkeys(sights, "no faces, no illustration, all parts matter alike")
    if gathered.margins:
        answer["assumed_margins"] = "nothing to trim"
    return answer


def read_source(text: str) -> SourceFacts:
    """`4000x3000[:alpha][:frames=12][:pages=3][:format=png][:orientation=6]`; ValueError says what is wrong."""
    found = _SOURCE.fullmatch(text)
    if found is None:
        raise ValueError(
            "expected WIDTHxHEIGHT, perhaps with :alpha, :frames=N, :pages=N, :format=NAME, :orientation=N"
        )
    width, height = int(found["width"]), int(found["height"])
    options = dict(option.partition("=")[::2] for option in found["more"].split(":")[1:])
    has_alpha = options.pop("alpha", None) is not None
    frames, pages, orientation = (
        _whole(name, options.pop(name, "1")) for name in ("frames", "pages", "orientation")
    )
    default = "gif" if frames > 1 else "png" if has_alpha else "jpg"
    kind = options.pop("format", default)
    if options:
        raise ValueError(f"unknown: {', '.join(options)}")
    if not (width and height and frames and pages) or not 1 <= orientation <= 8:
        raise ValueError("sides and frames begin at 1, orientations are 1 to 8")
    if kind not in FORMATS:
        raise ValueError(f"unknown format {kind}")
    return SourceFacts(
        width,
        height,
        FORMATS[kind],
        frames=frames,
        pages=pages,
        has_alpha=has_alpha,
        orientation=orientation,
    )


def as_json(answer: Mapping[str, Any], *, indent: int | None = None) -> str:
    """One answer as JSON text, ASCII, so that any byte of the question survives any terminal."""
    return json.dumps(answer, indent=indent)


def _parts_of(url: DeliveryUrl) -> dict[str, Any]:
    parts = asdict(url)
    parts["form"] = url.form.value
    return {**parts, "public_id": url.public_id, "extension": url.extension}


def _path_of(url: str) -> str:
    """Path and query of a URL that may have a host."""
    return "/" + re.sub("^https?://[^/]*", "", url, flags=re.IGNORECASE).lstrip("/")


def _made_as(url: DeliveryUrl) -> str | None:
    """The format each image is made in: those of a tag become parts of a sheet, a film, an archive or a list."""
    match url.delivery_type, url.extension:
        case "sprite", _:
            return "png"
        case "list", _:
            return None
        case "multi", "zip":
            return None
        case _, extension:
            return extension


def _params_of(component: Component) -> list[tuple[str, str]]:
    """As written: in order, repeated keys included."""
    return [(param.key, param.raw) for param in component.params]


def _strict(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            "Invalid URL encoding", log=f"no UTF-8: {printable(repr(line[:200]))}"
        ) from error


def _whole(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise ValueError(f"{name} must be a number: {text}")
    return int(text)
