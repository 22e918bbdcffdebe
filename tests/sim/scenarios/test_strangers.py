"""sim.scenarios.strangers: what a scenario names that its world does not have, with its line."""

import pytest
import yaml

from sim.scenarios.running import document_of
from sim.scenarios.script import read
from sim.scenarios.strangers import at_home, strangers
from sim.topology.read import AT_HOME
from sim.topology.read import read as read_topology
from wire.document import DocumentError, load

GOOD = """about: Something dies.
world:
  pops: {singapore: {hot: 8MiB}}
without:
  origins: {main: {workers: 2}}
steps:
  - phase: death
  - die: [singapore, ashburn]
  - until: {node: shield, figure: requests, at_least: 10}
  - probe: {region: se-asia, pop: frankfurt}
  - instances: {pool: main, at_least: 1}
  - roll: {region: se-asia}
  - answers: 40
expect:
  - {phase: death, failures: 0}
  - {phase: death, grows: main renders, at_most: 1}
"""
BASE = yaml.safe_load(AT_HOME.read_text("utf-8"))


def told(text: str, *, without_safeguard: bool = False) -> list[str]:
    """All that is wrong with it, as `pixeledge run` tells it."""
    scenario, written = read(text), load(text)
    worlds = [document_of(BASE, scenario, without_safeguard=off) for off in (without_safeguard, False)]
    try:
        topology, safeguarded = (read_topology(yaml.safe_dump(document))[0] for document in worlds)
    except DocumentError as error:
        return [str(at_home(written, problem)) for problem in error.problems]
    return [str(problem) for problem in strangers(written, scenario, topology, safeguarded)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("ashburn]", "asburn]", "line 8: steps[1]: there is no node 'asburn' (did you mean \"ashburn\"?)"),
        ("node: shield", "node: sheild", "line 9: steps[2]: there is no node 'sheild'"),
        ("region: se-asia, pop", "region: mars, pop", "line 10: steps[3]: there is no region 'mars'"),
        ("pop: frankfurt", "pop: berlin", "line 10: steps[3]: no node's name begins with 'berlin'"),
        ("pool: main", "pool: mian", "line 11: steps[4]: there is no pool 'mian'"),
        ("{region: se-asia}", "{region: se-asai}", "line 12: steps[5]: there is no region 'se-asai'"),
        ("{region: se-asia}", "[]", "line 12: steps[5]: no node is named"),
        ("{region: se-asia}", "{}", "line 12: steps[5]: no node is named"),
        ("{region: se-asia}", "{kind: edgee}", "line 12: steps[5]: there is no kind 'edgee'"),
        ("grows: main", "grows: mian", "line 16: expect[1]: grows: no node's name begins with 'mian'"),
        ("hot: 8MiB", "hott: 8MiB", 'line 3: world.pops.singapore.hott: unknown key (did you mean "hot"?)'),
    ],
)
def test_a_stranger_is_told_before_anything_runs(before: str, after: str, said: str) -> None:
    assert before in GOOD
    (problem,) = told(GOOD.replace(before, after, 1))
    assert said in problem


def test_what_all_is_there_is_nobody_a_stranger() -> None:
    assert told(GOOD) == []
    assert told(GOOD, without_safeguard=True) == []


def test_a_world_that_is_wrong_without_its_safeguard_is_told_where_that_is_switched_off() -> None:
    text = GOOD.replace("workers: 2", "wrokers: 2")
    assert told(text) == []
    (problem,) = told(text, without_safeguard=True)
    assert problem.startswith("line 5: without.origins.main.wrokers: unknown key")
