"""A scenario that is written in Python: `SCENARIO` of a file, with steps of its own if need be."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

from sim.scenarios.script import Scenario, of_one_mind
from wire.document import Document, DocumentError, Problem

SUFFIX = ".py"
NAME = "SCENARIO"


def read_python(path: Path) -> tuple[Scenario, Document]:
    """The scenario, and where the file makes it. The file is run: it can do what who runs it can. Raises DocumentError
    when that fails, when it makes none, and with all that is wrong with the one that it makes."""
    written = Document({}, {(): _line_of(path)})
    try:
        found = runpy.run_path(str(path)).get(NAME)
    except (Exception, SystemExit) as error:  # who ends the command has made no scenario
        raise DocumentError(
            [Problem((), _line_in(path, error), f"{type(error).__name__}: {error}")]
        ) from error
    if not isinstance(found, Scenario):
        said = f"{NAME} is to be a sim.scenarios.script.Scenario"
        raise DocumentError([written.problem((), said)])
    if problems := [*of_one_mind(written, found)]:
        raise DocumentError(problems)
    return found, written


def _line_of(path: Path) -> int:
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except SyntaxError as error:
        raise DocumentError([Problem((), error.lineno or 1, f"not Python: {error.msg}")]) from None
    made = (node.lineno for node in tree.body if isinstance(node, ast.Assign) and _names(node))
    return next(made, 1)


def _names(node: ast.Assign) -> bool:
    return any(isinstance(each, ast.Name) and each.id == NAME for each in node.targets)


def _line_in(path: Path, error: BaseException) -> int:
    """The last line of the file that it came through."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
