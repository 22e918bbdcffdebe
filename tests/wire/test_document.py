"""wire.document: every problem at once, each where it stands; nothing coerced."""

from typing import Any, Literal, NoReturn

import pytest
from attrs import field, frozen
from attrs.validators import ge
from hypothesis import given, settings
from hypothesis import strategies as st

from wire import document
from wire.document import DocumentError, Problem, dotted, load, read, structure


@frozen
class Leaf:
    count: int
    label: str = "none"
    colour: Literal["red", "green"] = "red"


@frozen
class Tree:
    leaves: dict[str, Leaf]
    at: tuple[float, float] = (0.0, 0.0)
    names: tuple[str, ...] = ()
    height: int = field(default=3, validator=ge(1))
    owner: str | None = None
    open: bool = False
    distances: dict[str, dict[str, float]] = field(factory=dict)


def told(text: str) -> list[str]:
    """What is wrong with a text, as lines."""
    with pytest.raises(DocumentError) as refused:
        read(text, Tree)
    return [str(problem) for problem in refused.value.problems]


def test_a_sound_document_becomes_a_value() -> None:
    """Integers do for floats; everything else is exactly what it looks like."""
    text = """
leaves: {a: {count: 1, colour: green}}
at: [1, 2.5]
names: [x, y]
open: true
distances: {p: {q: 3}}
"""
    tree = read(text, Tree)
    assert tree == Tree(
        leaves={"a": Leaf(1, colour="green")},
        at=(1.0, 2.5),
        names=("x", "y"),
        open=True,
        distances={"p": {"q": 3.0}},
    )


def test_all_problems_are_told_at_once_in_the_order_of_lines() -> None:
    """Whoever fixes a document should not have to run into its mistakes one by one."""
    text = """leaves:
  a: {count: "1", colour: blue}
  b: {cuont: 2}
  c: 5
  c: {count: 1}
at: [1, x]
names: one
height: 0
open: yes please
owner: 7
8: x
distances: {p: {q: true}}
"""
    assert told(text) == [
        'line 2: leaves.a.colour: expected one of red, green; got "blue"',
        'line 2: leaves.a.count: expected a whole number, got "1"',
        'line 3: leaves.b: "count" is missing',
        'line 3: leaves.b.cuont: unknown key (did you mean "count"?)',
        "line 5: leaves.c: is given twice",
        'line 6: at[1]: expected a number, got "x"',
        'line 7: names: expected a list, got "one"',
        "line 8: height: must be >= 1: 0",
        'line 9: open: expected true or false, got "yes please"',
        "line 10: owner: expected text, got the number 7; quote it",
        "line 11: the key the number 8 is no text; quote it",
        "line 12: distances.p.q: expected a number, got true",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'line 1: "leaves" is missing'),
        ("- a", "line 1: expected a mapping, got a list"),
        ("leaves:\n", "line 1: leaves: expected a mapping, got nothing"),
        ("leaves: {}\nat: [1, 2, 3]", "line 2: at: expected 2 values, got 3"),
        ("leaves: {}\nnames: [a, 3]", "line 2: names[1]: expected text, got the number 3; quote it"),
        ("leaves: {}\nheight: true", "line 2: height: expected a whole number, got true"),
        ("leaves: {}\nheight: 1.0", "line 2: height: expected a whole number, got the number 1.0"),
    ],
)
def test_a_problem_names_its_place(text: str, problem: str) -> None:
    """One mistake, one line."""
    assert told(text) == [problem]


@pytest.mark.parametrize(
    "text", ["a: [", "a: 1\n b: 2", "\x00", "a: !!python/object:os.system {}", "%", "a: *b"]
)
def test_what_is_no_yaml_is_told_as_such(text: str) -> None:
    """Nor does YAML make objects here."""
    (problem,) = told(text)
    assert "not YAML" in problem


def test_a_document_that_holds_itself_is_refused() -> None:
    """An anchor inside its own value would never end."""
    assert "line 1: leaves.x: holds itself" in told("leaves: &a {x: *a}")


def test_what_is_left_of_a_broken_document_can_still_be_looked_at() -> None:
    """So that relations between the sound parts are checked in the same breath."""
    document = load("leaves: {a: {count: 1}, b: {count: x}}\nnames: [1]\nheight: 5")
    value, problems = structure(document, Tree)
    assert value == Tree(leaves={"a": Leaf(1)}, height=5)
    assert [problem.where for problem in problems] == ["leaves.b.count", "names[0]"]
    assert document.keys_at("leaves") == ("a", "b")


def test_a_merge_key_brings_its_keys_in() -> None:
    """Plain YAML works as people know it."""
    text = "leaves: {a: &a {count: 1, label: x}, b: {<<: *a, count: 2}}"
    assert read(text, Tree).leaves["b"] == Leaf(2, "x")


def test_a_path_reads_as_people_write_it() -> None:
    assert dotted(("a", "b", 0, "c")) == "a.b[0].c"


@settings(max_examples=150)
@given(st.text(alphabet=st.sampled_from("ab:{}[]-,&*!|>'\"\n #%1.~<?@`"), max_size=40))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    """A reader of files by strangers has one way to fail."""
    problems: tuple[Problem, ...] = ()
    try:
        read(text, Tree)
    except DocumentError as error:
        problems = error.problems
    assert all(problem.line >= 1 and problem.message for problem in problems)


def test_a_few_lines_may_not_stand_for_millions_of_values() -> None:
    """Aliases of aliases: refused before they are written out."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 8)
    )
    with pytest.raises(DocumentError) as refused:
        load(text)
    assert "aliases" in refused.value.problems[0].message


def test_a_shape_that_was_prepared_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is forked from a process that prepared it reads at once."""

    @frozen
    class Branch:
        leaves: tuple[Leaf, ...]
        tree: Tree | None = None

    def compile_now(*_: Any, **told: Any) -> NoReturn:
        raise AssertionError("compiled when it is read")

    document.prepare(Branch)
    monkeypatch.setattr(document, "make_dict_structure_fn", compile_now)
    assert read("leaves: [{count: 1}]\ntree: {leaves: {a: {count: 2}}}", Branch).leaves == (Leaf(1),)


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", "1.0e+999", "9" * 400])
def test_what_cannot_be_reckoned_with_is_no_number(number: str) -> None:
    """Every bound would let one of them through: nan is neither too small nor too large."""
    expected = "expected a finite number: not .inf, not .nan, nothing beyond 1.79e308"
    text = f"leaves: {{}}\nat: [1, {number}]\ndistances: {{p: {{q: {number}}}}}"
    assert told(text) == [f"line 2: at[1]: {expected}", f"line 3: distances.p.q: {expected}"]
