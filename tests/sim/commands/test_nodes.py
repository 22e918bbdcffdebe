"""A ready file that is none, told to the commands that read one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main


@pytest.mark.parametrize(
    "words", [("link",), ("top", "--once"), ("traffic",), ("env",), ("purge", "--everything")], ids=" ".join
)
@pytest.mark.parametrize("written", ["", "{}", "[1]", '{"edges": ', "[" * 100_000], ids=lambda text: text[:9])
def test_another_file_is_said_to_be_none_of_a_world(
    tmp_path: Path, words: tuple[str, ...], written: str
) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text(written, "utf-8")
    ended = CliRunner().invoke(main, [*words, "--ready-file", str(ready)])
    assert ended.exit_code == 2
    assert "not what `pixeledge up --ready-file` writes" in " ".join(ended.stderr.split())
