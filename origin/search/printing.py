"""A tree as an expression that means it."""

from origin.search.tree import All, Edge, Everything, Has, Is, Not, Some, Tree, Within, Word

_ESCAPED = str.maketrans({'"': '\\"', "*": "\\*", "\\": "\\\\"})
_SPECIAL = {each: f"\\{each}" for each in '!(){}[]*^~?:\\=&><"+-'}


def shown(tree: Tree) -> str:
    """The expression; of everything, the empty one. `parse` gives the same tree back."""
    match tree:
        case Everything():
            return ""
        case All(parts):
            return " AND ".join(map(_grouped, parts))
        case Some(parts):
            return " OR ".join(map(_grouped, parts))
        case Not(part):
            return f"-{_grouped(part)}"
        case Word(text, is_prefix):
            return _quoted(text, is_prefix)
        case Has(field, text, is_prefix):
            return f"{_name(field)}:{_quoted(text, is_prefix)}"
        case Is(field, text, is_prefix):
            return f"{_name(field)}={_quoted(text, is_prefix)}"
        case Within():
            return _within(tree)


def _grouped(tree: Tree) -> str:
    return f"({shown(tree)})" if isinstance(tree, All | Some) else shown(tree)


def _quoted(text: str, is_prefix: bool) -> str:
    return f'"{text.translate(_ESCAPED)}{"*" if is_prefix else ""}"'


def _name(field: str) -> str:
    return "".join(f"\\{each}" if each in _SPECIAL or each.isspace() else each for each in field)


def _within(tree: Within) -> str:
    name = _name(tree.field)
    match tree.low, tree.high:
        case Edge(low, low_inclusive), Edge(high, high_inclusive):
            opening, closing = "[" if low_inclusive else "{", "]" if high_inclusive else "}"
            return f'{name}:{opening}"{low}" TO "{high}"{closing}'
        case Edge(low, is_inclusive), None:
            return f'{name}{">=" if is_inclusive else ">"}"{low}"'
        case None, Edge(high, is_inclusive):
            return f'{name}{"<=" if is_inclusive else "<"}"{high}"'
    raise ValueError("a range without ends means nothing")
