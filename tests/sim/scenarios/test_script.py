"""sim.scenarios.script: what a scenario may say, and every mistake in it."""

import pytest
import yaml

from sim.scenarios.expect import Expectation
from sim.scenarios.running import document_of, questions, stream
from sim.scenarios.script import Viewers, merged, read, shipped
from sim.scenarios.steps.asking import Answers, Phase, Warm
from sim.scenarios.steps.nodes import Die, Until
from sim.scenarios.strangers import strangers
from sim.topology.read import AT_HOME
from sim.topology.read import read as read_topology
from wire.document import DocumentError, load

GOOD = """
about: Something dies.
steps:
  - warm
  - phase: death
  - die: {region: eu-central, kind: edge}
  - die: singapore
  - until: {node: balancer, figure: requests, at_least: 10, within: 5s}
  - answers: 40
expect:
  - {phase: death, failures: 0}
  - {phase: death, p95: {at_most: 2s}}
  - {phase: death, edge_share: {at_least: 90%, at_most: 100%}}
  - {phase: death, grows: main renders, at_most: 1}
"""


def test_steps_and_expectations_are_read() -> None:
    scenario = read(GOOD)
    assert scenario.steps[:2] == (Warm(), Phase("death"))
    assert scenario.steps[2] == Die((), "eu-central", "edge")
    assert scenario.steps[3] == Die(("singapore",))
    assert isinstance(scenario.steps[4], Until)
    assert scenario.steps[4].within.seconds == 5.0
    assert scenario.steps[5] == Answers(40)
    assert scenario.expect == (
        Expectation("death", "failures", 0.0, 0.0),
        Expectation("death", "p95", at_most=2.0),
        Expectation("death", "edge_share", 0.9, 1.0),
        Expectation("death", "main renders", at_most=1.0),
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("- warm", "- warn", "line 4: steps[0]: no step is called 'warn' (did you mean \"warm\"?)"),
        ("- warm", "- {warm: {}, phase: x}", "line 4: steps[0]: a step has one key"),
        ("answers: 40", "answers: many", "line 9: steps[5]: answers: count expected a whole number"),
        ("answers: 40", "answers: 0", "line 9: steps[5]: answers: count must be >= 1"),
        ("- answers: 40", "- phase: death", "line 9: steps[5]: the phase 'death' was begun before"),
        ("phase: death, failures", "phase: deaht, failures", "no step begins a phase 'deaht'"),
        ("failures: 0", "faults: 0", "line 11: expect[0]: expected one of answers, failures"),
        ("{at_most: 2s}", "{below: 2s}", "line 12: expect[1]: expected at_least, at_most, or both"),
        (
            "{at_most: 2s}",
            "{at_most: 2 parsecs}",
            "line 12: expect[1]: p95: expected a number, or a duration like 2s: expected a duration",
        ),
        (
            "failures: 0",
            "failures: 0, stale: 0",
            "line 11: expect[0]: expected one figure, got failures, stale",
        ),
        ("main renders", "renders", "line 14: expect[3]: grows: expected the nodes and a figure"),
        ("failures: 0", "failures: 5%", "line 11: expect[0]: failures: expected a number: got '5%'"),
        (
            "failures: 0",
            "failures: .nan",
            "line 11: expect[0]: failures: expected a number: expected a finite",
        ),
        ("failures: 0", "failures: -1", "line 11: expect[0]: failures: -1: it is never below 0"),
        ("{at_least: 90%", "{at_least: 90", "line 13: expect[2]: edge_share: 90: a share is from 0 to 1"),
        (
            "90%, at_most: 100%",
            "90%, at_most: 9%",
            "line 13: expect[2]: nothing is at least 0.9 and at most 0.09",
        ),
        (
            "at_most: 1}",
            "at_most: .inf}",
            "line 14: expect[3]: main renders: expected a number, or a duration",
        ),
        (", at_least: 10", "", "line 8: steps[4]: until: without a bound anything will do: say at_least"),
        ("at_least: 10", "at_least: 10, at_most: 9", "steps[4]: until: nothing is at least 10 and at most 9"),
        ("at_least: 10", "at_most: .nan", "steps[4]: until: at_most expected a finite number"),
        ("- warm", "- instances: {pool: main}", "line 4: steps[0]: instances: without a bound anything"),
        ("- warm", "- instances: {pool: main, at_most: 0}", "steps[0]: instances: at_most must be >= 1: 0"),
        (
            "- warm",
            "- instances: {pool: main, at_least: 3, at_most: 2}",
            "steps[0]: instances: nothing is at least 3 and at most 2",
        ),
        (
            "- warm",
            "- do: purg --everything",
            "line 4: steps[0]: do: no command is called 'purg' (did you mean",
        ),
        ("- warm", "- do: ''", "line 4: steps[0]: do: no command is called ''"),
        ("- warm", "- do: 'link \"a'", "line 4: steps[0]: do: No closing quotation"),
        ("- warm", "- do: check", "line 4: steps[0]: do: `pixeledge check` is about no running world"),
        ("- warm", "- do: purge --everythng", "steps[0]: do: `pixeledge purge --everythng`: No such option"),
        ("- warm", "- do: link a--b --rtt 5", "steps[0]: do: `pixeledge link a--b --rtt 5`: Invalid value"),
        ("- warm", "- do: purge --help", "steps[0]: do: `pixeledge purge --help`: No such option '--help'"),
        ("- warm", "- crowd: 99999", "line 4: steps[0]: crowd: count must be <= 10000: 99999"),
        ("- warm", "- dawdle: 99999", "line 4: steps[0]: dawdle: count must be <= 10000: 99999"),
        ("- warm", "- surge: {rate: 1.0e+9, lasts: 1s}", "steps[0]: surge: rate must be <= 10000"),
        (
            "- warm",
            "- surge: {rate: 1.0, lasts: 2d}",
            "steps[0]: surge: expected 1 to 100,000 questions, rate",
        ),
        (
            "- warm",
            "- surge: {rate: 1.0, lasts: 0s}",
            "steps[0]: surge: expected 1 to 100,000 questions, rate",
        ),
        ("about:", "viewers: {rate: 1.0e+300}\nabout:", "line 2: viewers.rate: must be <= 10000"),
        ("about:", "viewers: {keys: 999999999}\nabout:", "line 2: viewers.keys: must be <= 100000"),
        ("about:", "viewers: {widths: [999999]}\nabout:", "line 2: viewers.widths: must be <= 100000"),
        ("about: Something dies.", "", '"about" is missing'),
        ("about:", "viewers: {widths: []}\nabout:", "line 2: viewers.widths: must not be empty"),
        ("about:", "viewers: {widths: [0]}\nabout:", "line 2: viewers.widths: must be >= 1: 0"),
        ("about:", "viewers: {formats: {}}\nabout:", "line 2: viewers.formats: must not be empty"),
    ],
)
def test_every_mistake_is_told_with_its_place(before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(DocumentError) as refused:
        read(GOOD.replace(before, after, 1))
    assert said in str(refused.value)


def test_what_is_wrong_with_an_item_does_not_make_the_list_missing() -> None:
    with pytest.raises(DocumentError) as refused:
        read(GOOD.replace("- warm", "- warn").replace("failures: 0", "faults: 0"))
    assert "is missing" not in str(refused.value)


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("without_safeguard", [False, True])
def test_every_shipped_scenario_is_sound_and_so_is_its_world(name: str, without_safeguard: bool) -> None:
    scenario = read(shipped()[name].read_text("utf-8"))
    base = yaml.safe_load(AT_HOME.read_text("utf-8"))
    document = document_of(base, scenario, without_safeguard=without_safeguard)
    topology, _ = read_topology(yaml.safe_dump(document))
    assert topology.pops
    whole, _ = read_topology(yaml.safe_dump(document_of(base, scenario, without_safeguard=False)))
    assert [*strangers(load(shipped()[name].read_text("utf-8")), scenario, topology, whole)] == []
    assert scenario.about.endswith(".")
    assert (document != document_of(base, scenario, without_safeguard=False)) is (
        without_safeguard and bool(scenario.without)
    )


def test_worlds_are_merged_key_by_key() -> None:
    base = {"a": {"b": 1, "c": {"d": 2}}, "e": [1]}
    assert merged(base, {"a": {"c": {"f": 3}, "b": None}, "e": [2]}) == {
        "a": {"c": {"d": 2, "f": 3}},
        "e": [2],
    }
    assert base == {"a": {"b": 1, "c": {"d": 2}}, "e": [1]}


def test_viewers_ask_only_what_can_be_warmed() -> None:
    viewers = Viewers(rate=100.0, keys=6)
    asked = questions(viewers)
    assert len({record.key for record in asked}) == 6
    records = [record for record, _ in zip(stream(viewers, asked, ("x", "y")), range(200), strict=False)]
    assert {record.key for record in records} == {record.key for record in asked}
    assert {record.region for record in records} == {"x", "y"}
    assert records[-1].time_us == pytest.approx(2e6, rel=0.3)
