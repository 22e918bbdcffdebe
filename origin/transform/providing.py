"""Work for providers: which operation an effect that needs a model becomes, or its refusal. Sheet: §12.4."""

from collections.abc import Iterable, Mapping

from origin.transform.params.provided import ADD_ONS, GEN_FILL, Asked, Plugged
from origin.transform.plan import Filter, Operation, Provided, Resample, provided_in
from origin.transform.values import unsupported
from wire.errors import InvalidRequest, Unauthorized

Size = tuple[int, int]

BUILTINS: Mapping[str, frozenset[str]] = {
    "lanczos": frozenset({"upscale"}),
    "blurred": frozenset({GEN_FILL}),
    "improve": frozenset({"enhance", "auto_enhance", "viesus_correct"}),
}
"""Stand-ins without a model, and what each may stand in for. None works before somebody has said so."""

UPSCALING = 4
_LARGEST_UPSCALED = 4_200_000  # pixels
_UNSIGNED_ADD_ON = "Can't generate images using add-ons if URL isn't signed"


def operation(asked: Asked, size: Size, plugged: Plugged | None) -> Operation:
    """What is done for it."""
    plugged = known(asked, plugged)
    width, height = size
    if asked.name == "upscale":
        if width * height > _LARGEST_UPSCALED:
            raise InvalidRequest(
                f"Maximum image size for e_upscale is {_LARGEST_UPSCALED / 1e6:g} Megapixels. "
                f"Requested {width}x{height} pixels"
            )
        width, height = width * UPSCALING, height * UPSCALING
    match plugged.builtin:
        case "lanczos":
            return Resample((0.0, 0.0, float(size[0]), float(size[1])), width, height)
        case "improve":
            return Filter("improve", ("outdoor", 100), width, height)
    return Provided(asked.name, plugged.identity, asked.options, width, height)


def known(asked: Asked, plugged: Plugged | None) -> Plugged:
    """The provider, or the refusal that says how there could be one."""
    if plugged is None:
        key = "b" if asked.name == GEN_FILL else "e"
        raise unsupported(
            f"{key}_{asked.name}",
            f'without a provider: see docs/providers.md for "providers: {{{asked.name}: ...}}" of an origin',
        )
    return plugged


def check_still(operations: Iterable[Operation]) -> None:
    """Nothing, or 400: providers are given one picture, not the many of an animation (§12.4)."""
    for each in provided_in(operations):
        raise unsupported(f"{name_of(each)} for animated images")


def check_stored(operations: Iterable[Operation]) -> None:
    """Nothing, or 400: what is only fetched is given to no provider (§12.4, delivery-urls §1.2)."""
    for each in provided_in(operations):
        raise unsupported(f"{name_of(each)} for fetched images")


def check_signed(operations: Iterable[Operation], providers: Mapping[str, Plugged]) -> None:
    """Nothing, or 401 for what an unsigned URL may not ask for (delivery-urls §8.2)."""
    for each in provided_in(operations):
        if each.effect in ADD_ONS or providers[each.effect].signed_only:
            raise Unauthorized(_UNSIGNED_ADD_ON)


def name_of(work: Provided) -> str:
    """`e_upscale`, `b_gen_fill`."""
    return f"{'b' if work.effect == GEN_FILL else 'e'}_{work.effect}"
