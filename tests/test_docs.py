"""What README.md and docs/ name is there: files, sections, commands and their options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from sim.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PACKAGES = ("wire", "origin", "edge", "sim", "bench", "tests", "docs")
BELOW = ("", "tests")
"""Where paths begin: docs/http-caching.md has a column of tests."""

LINK = re.compile(r"\[[^]]*]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`]+)`")
PATH = re.compile(r"(?<![\w./~-])[\w.-]+(?:/[\w.-]+)*\.(?:py|md|yaml|mjs)\b(?![\w/-])")
FOLDER = re.compile(rf"(?<![\w./-])(?:{'|'.join(PACKAGES)})/(?:[\w-]+/)*(?=[\s,;:)]|$)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"^(?:\$ )?pixeledge ([a-z]+)(.*)", re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
MODULE = re.compile(r"python -m ((?:bench|tests|sim)[\w.]*)")
READERS = {"app.py", "my-scenario.yaml", "workload.yaml"}
"""Files that readers are told to write themselves."""


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def code_of(text: str) -> Iterator[str]:
    """Spans of code, and the lines between fences."""
    fenced = text.split("```")
    for prose, block in zip(fenced[::2], [*fenced[1::2], ""], strict=True):
        yield from (match[1] for match in CODE.finditer(prose))
        yield from block.splitlines()


@cache
def names() -> frozenset[str]:
    """Every file name of the tree."""
    folders = (ROOT, *(ROOT / package for package in PACKAGES))
    files = (
        path for folder in folders for path in (folder.iterdir() if folder == ROOT else folder.rglob("*"))
    )
    return frozenset(path.name for path in files)


def is_there(path: str) -> bool:
    """A path from the root, or a name that some file has: pages say the folder of several names once."""
    return path in names() if "/" not in path else any((ROOT / below / path).exists() for below in BELOW)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file that is there, and a heading that it has."""
    for link in LINK.findall(text_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, section = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if section and target.suffix == ".md":
            assert section in {anchor(heading) for heading in HEADING.findall(text_of(target))}, link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_is_there(page: Path) -> None:
    """Modules and folders that were renamed are renamed here, too."""
    named = {path for code in code_of(text_of(page)) for path in (*PATH.findall(code), *FOLDER.findall(code))}
    assert [path for path in sorted(named - READERS) if not is_there(path)] == []


def test_every_page_can_be_found_from_the_first() -> None:
    linked = {link.partition("#")[0] for link in LINK.findall(text_of(PAGES[0]))}
    assert {name_of(page) for page in PAGES[1:]} <= linked


@cache
def options_of(name: str) -> frozenset[str]:
    """What a command takes."""
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return frozenset(option for param in command.params for option in (*param.opts, *param.secondary_opts))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_takes_what_is_shown(page: Path) -> None:
    for code in code_of(text_of(page)):
        for name, rest in COMMAND.findall(code):
            assert name in COMMANDS, code
            asked = OPTION.findall(rest.partition("|")[0].partition("#")[0])
            assert set(asked) - {"--help"} <= options_of(name), code


def test_the_table_of_commands_is_whole_and_right() -> None:
    """Each command has its row, and takes the options that the row names."""
    rows = re.findall(r"^\| `pixeledge ([a-z]+)[^|]*\|(.*)\|$", text_of(PAGES[0]), re.MULTILINE)
    assert {name for name, _ in rows} == set(COMMANDS)
    for name, told in rows:
        options = [
            option for code in CODE.findall(told) if code.startswith("--") for option in OPTION.findall(code)
        ]
        assert set(options) <= options_of(name), name


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_module_that_is_to_be_run_is_there(page: Path) -> None:
    for module in MODULE.findall(text_of(page)):
        path = ROOT.joinpath(*module.rstrip(".").split("."))
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
