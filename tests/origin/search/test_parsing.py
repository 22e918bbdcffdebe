"""Expressions: every construct of admin-api §13, every mistake told with its place."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.search.errors import QueryError
from origin.search.fields import FOLDER_FIELDS
from origin.search.literals import Age, Moment, Number
from origin.search.parsing import DEEPEST, MOST_CHARACTERS, MOST_LEAVES, parse
from origin.search.printing import shown
from origin.search.tree import All, Edge, Everything, Has, Is, Not, Some, Tree, Within, Word, equal
from tests.support.expressions import trees

CAT, DOG, OWL = Word("cat"), Word("dog"), Word("owl")
JANUARY_15 = Moment(1705276800.0, 86400.0)

MEANINGS: dict[str, Tree] = {
    "": Everything(),
    " \t\n": Everything(),
    "cat": CAT,
    "cat dog": All((CAT, DOG)),
    "cat AND dog": All((CAT, DOG)),
    "cat OR dog owl": Some((CAT, All((DOG, OWL)))),
    "(cat OR dog) owl": All((Some((CAT, DOG)), OWL)),
    "cat AND (dog AND owl)": All((CAT, DOG, OWL)),
    "cat AND NOT dog": All((CAT, Not(DOG))),
    "+cat -dog": All((CAT, Not(DOG))),
    "-(cat OR dog)": Not(Some((CAT, DOG))),
    "cat OR NOT NOT dog": Some((CAT, DOG)),
    "and or not": All((Word("and"), Word("or"), Word("not"))),
    '"AND"': Word("AND"),
    r"\NOT": Word("NOT"),
    "-tags:x": Not(Has("tags", "x")),
    "resource_type:image AND tags=kitten": All((Has("resource_type", "image"), Is("tags", "kitten"))),
    "format:JPG": Has("format", "jpg"),
    "tags : x": Has("tags", "x"),
    "tags:NOT-a-keyword": Has("tags", "NOT-a-keyword"),
    "tags:(cat OR -dog)": Some((Has("tags", "cat"), Not(Has("tags", "dog")))),
    "tags=(cat dog)": All((Is("tags", "cat"), Is("tags", "dog"))),
    "public_id:folder/sub-dir/a.b_c*": Has("public_id", "folder/sub-dir/a.b_c", True),
    'public_id="a b*"': Is("public_id", "a b", True),
    r'tags:"say \"hi\" \*"': Has("tags", 'say "hi" *'),
    '"(a):[b]"': Word("(a):[b]"),
    r"tags:a\ b\:c\*\\": Has("tags", r"a b:c*\ ".rstrip()),
    r"context.my\ key:x": Has("context.my key", "x"),
    "context:x": Has("context", "x"),
    "metadata.color:red": Has("metadata.color", "red"),
    "metadata.n>5": Within("metadata.n", Edge(Number(5.0), False)),
    "bytes>1000": Within("bytes", low=Edge(Number(1000.0), False)),
    "bytes>=1k": Within("bytes", low=Edge(Number(1024.0))),
    "bytes<1.5MB": Within("bytes", high=Edge(Number(1.5 * 1024 * 1024), False)),
    "bytes<=2gb": Within("bytes", high=Edge(Number(2.0 * 1024**3))),
    "bytes > 5": Within("bytes", Edge(Number(5.0), False)),
    "width:864": equal("width", Number(864.0)),
    "width:[1 TO 5}": Within("width", Edge(Number(1.0)), Edge(Number(5.0), False)),
    "width:{ 1 TO 5 ]": Within("width", Edge(Number(1.0), False), Edge(Number(5.0))),
    "duration=-1.5e1": equal("duration", Number(-15.0)),
    'aspect_ratio:"16:9"': equal("aspect_ratio", Number(1.77778)),
    r"aspect_ratio>4\:3": Within("aspect_ratio", Edge(Number(1.33333), False)),
    "transparent:true": equal("transparent", Number(1.0)),
    "grayscale=false": equal("grayscale", Number(0.0)),
    "uploaded_at>1d": Within("uploaded_at", Edge(Age(1, "d"), False)),
    "uploaded_at:1d": Within("uploaded_at", Edge(Age(1, "d"))),
    "created_at:[3w TO 12h]": Within("created_at", Edge(Age(3, "w")), Edge(Age(12, "h"))),
    'created_at="2024-01-15"': equal("created_at", JANUARY_15),
    "created_at>2024-01-15": Within("created_at", Edge(JANUARY_15, False)),
    'taken_at<"2026-01-01T00:00:00Z"': Within("taken_at", high=Edge(Moment(1767225600.0, 1.0), False)),
    'created_at>"2026-01-01T01:00+01:00"': Within("created_at", Edge(Moment(1767225600.0, 60.0), False)),
    "last_updated.tags>1w": Within("last_updated.tags_updated_at", Edge(Age(1, "w"), False)),
    "image_analysis.face_count>2": Within("face_count", Edge(Number(2.0), False)),
    "image_metadata.Make=Canon": Is("image_metadata.Make", "Canon"),
    "quality_analysis.focus>0.5": Within("quality_analysis.focus", Edge(Number(0.5), False)),
    "accessibility_analysis.colorblind_accessibility_score>0.5": Within(
        "accessibility_analysis.colorblind_accessibility_score", Edge(Number(0.5), False)
    ),
}

MISTAKES = {
    "NOT cat": (0, "does not begin with NOT"),
    "*": (0, '"*" stands only'),
    "*cat": (0, '"*" stands only'),
    "c*t": (1, '"*" stands only'),
    "cat**": (3, '"*" stands only'),
    '"*"': (1, '"*" stands only'),
    '"c*t"': (2, '"*" stands only'),
    "tags:*": (5, '"*" stands only'),
    "width:[1 TO *]": (12, '"*" stands only'),
    "c?t": (1, 'unexpected "?"; write \\?'),
    "cat!": (3, 'unexpected "!"'),
    "cat~2": (3, 'unexpected "~"'),
    "a && b": (2, 'unexpected "&"'),
    "folder:a*": (7, "folder has no prefix search"),
    "asset_folder=a*": (13, "asset_folder has no prefix search"),
    "resource_type:im*": (14, "resource_type has no prefix search"),
    "type:up*": (5, "type has no prefix search"),
    "width:1*": (6, '"1" is no value of width'),
    "colour:red": (0, "unknown field colour"),
    "cat AND colour:red": (8, "unknown field colour"),
    "unknown.key:red": (0, "unknown field unknown.key"),
    "context.:red": (0, "unknown field context."),
    "cat AND": (7, "unexpected end"),
    "cat OR": (6, "unexpected end"),
    "AND cat": (0, "unexpected AND"),
    "cat AND OR dog": (8, "unexpected OR"),
    "cat AND NOT": (11, "unexpected end"),
    "tags:": (5, "unexpected end"),
    "tags:(": (6, "unexpected end"),
    "()": (1, 'unexpected ")"'),
    "(cat": (0, "( is never closed"),
    "cat)": (3, 'unexpected ")"'),
    '"cat': (0, "the quotation mark is never closed"),
    'tags:"cat\\"': (5, "the quotation mark is never closed"),
    "cat\\": (3, "the backslash escapes nothing"),
    "tags:a:b": (6, 'unexpected ":"'),
    "[1 TO 2]": (0, 'unexpected "["'),
    "tags:[a TO b]": (0, "tags has no order"),
    "public_id>a": (0, "public_id has no order"),
    "width:[1 5]": (9, "TO stands between"),
    "width:[1 TO 5": (13, "a range ends with ] or }"),
    "width>[1 TO 5]": (6, "a range stands after a colon"),
    "width:abc": (6, '"abc" is no value of width'),
    "width>1k": (6, '"1k" is no value of width'),
    "bytes>1tb": (6, '"1tb" is no value of bytes'),
    "width>1e999": (6, "is no value of width"),
    "width>nan": (6, "is no value of width"),
    "width>٣": (6, "is no value of width"),
    'aspect_ratio:"16:0"': (13, "is no value of aspect_ratio"),
    "transparent:maybe": (12, "is no value of transparent"),
    "uploaded_at>1y": (12, "is no value of uploaded_at"),
    "uploaded_at>1m": (12, "is no value of uploaded_at"),
    'created_at>"2024-02-30"': (11, "is no value of created_at"),
    'created_at>"yesterday"': (11, "is no value of created_at"),
    "cat - dog": (4, '"-" stands right before a term'),
    "cat +": (4, '"+" stands right before a term'),
    "cat:": (0, "unknown field cat"),
}


@pytest.mark.parametrize(("text", "meaning"), MEANINGS.items(), ids=list(MEANINGS))
def test_every_construct_has_its_meaning(text: str, meaning: Tree) -> None:
    """admin-api §13, the table."""
    assert parse(text) == meaning


@pytest.mark.parametrize(("text", "expected"), MISTAKES.items(), ids=list(MISTAKES))
def test_every_mistake_is_told_with_its_place(text: str, expected: tuple[int, str]) -> None:
    """400 `Query Error (at position N) …`."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    position, why = expected
    assert caught.value.public.startswith(f"Query Error (at position {position}) ")
    assert why in caught.value.public


def test_folders_have_fields_of_their_own() -> None:
    """admin-api §12: name, path and created_at; nothing of assets."""
    assert parse("path:abc* AND created_at>1d", FOLDER_FIELDS) == All(
        (Has("path", "abc", True), Within("created_at", Edge(Age(1, "d"), False)))
    )
    for text in ("tags:x", "context.alt:x", "bytes>1"):
        with pytest.raises(QueryError, match="unknown field"):
            parse(text, FOLDER_FIELDS)


def outcome(text: str) -> Tree | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


@given(st.text() | st.text('abTO:=<>()[]{}"\\*?+-! ANDORNOT19.'))
def test_any_text_is_a_tree_or_a_query_error(text: str) -> None:
    """Nothing else comes out; what is refused is fit for a header; what is read can be written."""
    read = outcome(text)
    if isinstance(read, QueryError):
        assert 0 <= read.position <= len(text)
        assert "\n" not in read.public
        assert "\r" not in read.public
    else:
        assert parse(shown(read)) == read


@given(trees())
def test_a_printed_tree_means_itself(tree: Tree) -> None:
    """Round trip."""
    assert parse(shown(tree)) == tree


def test_length_terms_and_depth_are_bounded() -> None:
    """A query costs what its author pays for sending it, and no more."""
    parse("(" * DEEPEST + "a" + ")" * DEEPEST)
    parse(" OR ".join(["a"] * MOST_LEAVES))
    for text, why in (
        ("(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), "nested"),
        ("(" * 10_000, "nested"),
        (" OR ".join(["a"] * (MOST_LEAVES + 1)), "terms"),
        ("tags:(" + " ".join(["a"] * (MOST_LEAVES + 1)) + ")", "terms"),
        ("a" * (MOST_CHARACTERS + 1), "longer"),
    ):
        with pytest.raises(QueryError, match=why):
            parse(text)


LONGEST = {
    "a word": "a" * MOST_CHARACTERS,
    "signs": "-" * MOST_CHARACTERS,
    "escapes": "\\a" * (MOST_CHARACTERS // 2),
    "quoted escapes": '"' + "\\a" * (MOST_CHARACTERS // 2 - 1),
    "digits": "bytes>" + "1" * (MOST_CHARACTERS - 6),
    "blanks": " " * MOST_CHARACTERS,
    "negations": "a " + "NOT " * (MOST_CHARACTERS // 4 - 1),
    "terms": "a NOT " * (MOST_CHARACTERS // 6),
}


@pytest.mark.parametrize("text", LONGEST.values(), ids=list(LONGEST))
def test_the_longest_texts_are_read_in_linear_time(text: str) -> None:
    """A quadratic scan of 32 Ki characters would take minutes; CPU time, since machines are shared."""
    began = process_time()
    outcome(text)
    assert process_time() - began < 1.0
