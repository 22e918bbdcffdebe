"""origin.transform.allowed: a refusal says what would have been right."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from origin.transform import parse
from origin.transform.allowed import EFFECTS, PARAMS, allowed
from origin.transform.effects.grammar import READERS
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import plan
from origin.transform.values import InvalidValue

ROOM = Path(parse.__file__).parent


def refusal(chain: str) -> InvalidValue:
    with pytest.raises(InvalidValue) as refused:
        plan(parse_chain(chain), SourceFacts(400, 300, "jpg"))
    return refused.value


@pytest.mark.parametrize(
    ("chain", "message", "hint"),
    [
        ("w_abc", "Invalid width in transformation: abc", "whole pixels from 1"),
        ("w_0", "Invalid width in transformation: 0", "whole pixels from 1"),
        ("c_filll,w_10", "Invalid crop in transformation: filll", "lfill"),
        ("q_101", "Invalid quality in transformation: 101", "1 to 100"),
        ("fl_pdf", "Invalid flag in transformation: pdf", "layer_apply"),
        ("b_reddish", "Invalid background in transformation: reddish", "rgb:"),
        ("e_sepiaa", "Invalid effect in transformation: sepiaa", 'did you mean "sepia"?'),
        ("e_blur:soft", "Invalid effect in transformation: blur:soft", "1 to 2000; 100 if left out"),
        ("l_logo,e_anti_removal:x", "Invalid effect in transformation: anti_removal:x", "from 1 to 100"),
        ("w_9,f_psd", "Unsupported output format psd", "avif, bmp, eps"),
        ("f_auto:video", "f_auto:video is not supported", "webp, avif"),
        ("g_ocr_text,w_9,c_crop", "g_ocr_text is not supported", "ocr_text:auto"),
        ("e_grayscale:4", "Invalid effect in transformation: grayscale:4", "e_grayscale takes nothing"),
        ("e_recolor:1:2", "Invalid effect in transformation: recolor:1:2", "nine or sixteen"),
        ("if_w_is_4,w_1", "Invalid condition in transformation: w_is_4", "w_gt_300"),
        ("$a_b", "Invalid assignment to $a: b", "exclamation marks"),
        ("l_text:Arial_0:hi", "Invalid overlay in transformation: text:Arial_0:hi", "italic, underline"),
    ],
)
def test_a_refusal_names_param_value_and_what_is_allowed(chain: str, message: str, hint: str) -> None:
    """The text itself is the sheet's (clients match on it), so what is allowed travels beside it."""
    error = refusal(chain)
    assert error.public == message
    assert hint in allowed(error)


def test_every_effect_says_what_it_takes() -> None:
    """A new effect has to."""
    assert EFFECTS.keys() == READERS.keys() | {"anti_removal"}


def test_every_param_says_what_it_takes() -> None:
    """Whatever `invalid` or `refused` is called with by name, anywhere in origin.transform."""
    named = set(_long_names()) - {"effect"}
    assert named
    assert named <= PARAMS.keys()
    assert {"output_format", "list_format", "sprite_format", "multi_format"} <= PARAMS.keys()


def _long_names() -> Iterator[str]:
    position = {"invalid": 0, "refused": 1, "not_supported": 1}
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in position:
                what = node.args[position[node.func.id]]
                if isinstance(what, ast.Constant):
                    yield str(what.value)
