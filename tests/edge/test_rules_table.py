"""docs/http-caching.md is true: every rule has a module that is there, and a test that says which rule it holds."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES_OF = dict(enumerate((13, 5, 6, 7, 8, 4, 11, 9, 7, 7, 12, 7, 5, 8, 6, 6, 3, 6, 4, 7, 2, 6), start=1))
"""Section → how many numbered rules it has."""
ROW = re.compile(r"^\| (\d+\.\d+) \| .+ \| `([^`]+)` \| `([^`:]+)::(\w+)` \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "http-caching.md").read_text("utf-8"))


@cache
def docstrings(path: str) -> dict[str, str]:
    """What each test of a file says of itself, and what the file says of all of them."""
    tree = ast.parse((ROOT / "tests" / path).read_text("utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name: ast.get_docstring(node) or "" for node in functions}


def cites(docstring: str, rule: str) -> bool:
    """Whether it names the rule, by itself or within `7.3 to 7.7` and the like; an RFC's sections are no rules."""
    section, _, number = rule.partition(".")
    text = re.sub(r"§[\d.]+", "", docstring)
    spans = re.findall(rf"(?<![\d.]){section}\.(\d+)(?:–| to ){section}\.(\d+)(?!\d)", text)
    if any(int(first) <= int(number) <= int(last) for first, last in spans):
        return True
    return re.search(rf"(?<![\d.]){re.escape(rule)}(?!\d)", text) is not None


def test_every_rule_is_in_the_table_once_and_in_order() -> None:
    """None is forgotten, none made up."""
    every = [f"{section}.{number}" for section, count in RULES_OF.items() for number in range(1, count + 1)]
    assert [rule for rule, *_ in ROWS] == every


@pytest.mark.parametrize(("rule", "module", "path", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_a_rule_has_a_module_and_a_test_that_cites_it(rule: str, module: str, path: str, name: str) -> None:
    """Both are where the table says."""
    assert (ROOT / module).is_file()
    assert name in docstrings(path)
    assert cites(docstrings(path)[name], rule)
