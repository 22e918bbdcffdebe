"""`w_auto`: the width a viewer's client hints tell (transformations.md §4.5)."""

import re

from attrs import frozen

from origin.transform.language.breakpoints import Breakpoints, read_breakpoints
from origin.transform.language.scope import Scope
from origin.transform.values import invalid

_AUTO = re.compile(r"auto(?::(?P<step>[1-9][0-9]{0,4})(?::(?P<fallback>[1-9][0-9]{0,4}))?)?")
_STEP = 100


@frozen
class AutomaticWidth:
    """The hint rounded up to a multiple of `step`; without one the fallback, or no width at all."""

    step: int = _STEP
    fallback: int | None = None

    @property
    def text(self) -> str:
        """The canonical value."""
        if self.fallback is not None:
            return f"auto:{self.step}:{self.fallback}"
        return "auto" if self.step == _STEP else f"auto:{self.step}"

    def filled(self, scope: Scope) -> str | None:
        """The width in CSS pixels: the hint counts device pixels, and `dpr_auto` will multiply again."""
        hint = scope.negotiated.shown_width
        if hint is None:
            return None if self.fallback is None else str(self.fallback)
        return str(-(-hint // self.step) * self.step)


def read_automatic(key: str, text: str) -> AutomaticWidth | Breakpoints | None:
    """The automatic width a value asks for; None if it asks for none."""
    if key != "w" or text.partition(":")[0] != "auto":
        return None
    if text.startswith("auto:breakpoints"):
        return read_breakpoints(text)
    found = _AUTO.fullmatch(text)
    if found is None:
        raise invalid("width", text)
    return AutomaticWidth(int(found["step"] or _STEP), int(found["fallback"]) if found["fallback"] else None)
