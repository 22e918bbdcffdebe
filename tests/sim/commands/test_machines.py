"""sim.commands.machines and .node: what a user is told who has not said enough, or what cannot be."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from tests.sim.topology.test_machines import TWO
from tests.sim.topology.test_read import SMALL


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        (["up"], TWO, "this world is on several machines: say which of one, two this is, by --machine"),
        (["up", "--machine", "tow"], TWO, 'there is no machine "tow" (did you mean "two"?): say which of one, two'),
        (["up", "--machine", "two", "--ports", "auto"], TWO, "other machines could not know the ports of this one"),
        (["up", "--machine", "two"], SMALL, "this world has no machines: it runs whole"),
        (["node", "fra", "--topology"], TWO, 'there is no node "fra" (did you mean "far"?); there are main-1, main-2'),
        (["node", "edge", "--topology"], SMALL, "6: pops.edge.listen: any free port: nodes that are started one"),
    ],
)  # fmt: skip
def test_it_is_refused_with_a_sentence(tmp_path: Path, arguments: list[str], text: str, said: str) -> None:
    path = tmp_path / "topology.yaml"
    path.write_text(text)
    result = CliRunner().invoke(main, [*arguments, str(path), "--state", str(tmp_path / "var")])
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert not (tmp_path / "var").exists()
