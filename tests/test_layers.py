"""The arrows of docs/architecture.md, held by walking every import in the tree."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("wire", "origin", "edge", "sim")

MAY_IMPORT = {
    "wire": {"wire"},
    "origin": {"origin", "wire"},
    "edge": {"edge", "wire"},
    "sim": {"sim", "origin", "edge", "wire"},
}
PURE = ("wire", "edge.core", "edge.personality", "origin.transform", "origin.search")
NOT_PURE = ("wire.web",)
IMPURE = ("twisted", "treq", "asyncio", "wire.web")
WIRING = ("service", "__main__", "node")


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports_of(path: Path) -> set[str]:
    """Every module a file names in an import statement, dotted; `from a import b` gives `a` and `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            assert node.module is not None
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def is_within(module: str, *rooms: str) -> bool:
    return any(module == room or module.startswith(room + ".") for room in rooms)


@pytest.fixture(scope="module")
def tree() -> dict[str, set[str]]:
    """Module → what it imports, read once: a case for each module and arrow would read each file five times."""
    return {module: imports_of(path) for module, path in modules()}


def breaches(tree: dict[str, set[str]], is_breach: Callable[[str, str], bool]) -> list[str]:
    """`module imports name`, wherever that is forbidden."""
    return [
        f"{module} imports {name}"
        for module, names in tree.items()
        for name in sorted(names)
        if is_breach(module, name)
    ]


class TestArrows:
    def test_packages_import_only_what_lies_below_them(self, tree: dict[str, set[str]]) -> None:
        """origin and edge never meet; nobody imports sim."""

        def is_breach(module: str, name: str) -> bool:
            return is_within(name, *PACKAGES) and not is_within(name, *MAY_IMPORT[module.split(".")[0]])

        assert breaches(tree, is_breach) == []

    def test_pure_rooms_know_no_twisted(self, tree: dict[str, set[str]]) -> None:
        """A decision that takes `now` and returns values also runs in virtual time."""

        def is_breach(module: str, name: str) -> bool:
            is_pure = is_within(module, *PURE) and not is_within(module, *NOT_PURE)
            return is_pure and is_within(name, *IMPURE)

        assert breaches(tree, is_breach) == []

    def test_only_the_wiring_imports_the_reactor(self, tree: dict[str, set[str]]) -> None:
        """Everything else is given what it needs of one."""

        def is_breach(module: str, name: str) -> bool:
            return name == "twisted.internet.reactor" and module.split(".")[-1] not in WIRING

        assert breaches(tree, is_breach) == []

    def test_only_the_renderer_imports_pillow(self, tree: dict[str, set[str]]) -> None:
        """Decoding a hostile file in a node's own process could take the node with it."""

        def is_breach(module: str, name: str) -> bool:
            return is_within(name, "PIL") and not is_within(module, "origin.render")

        assert breaches(tree, is_breach) == []

    def test_nothing_pickles(self, tree: dict[str, set[str]]) -> None:
        """A cache directory holds bytes and JSON (CVE-2025-69872)."""

        def is_breach(module: str, name: str) -> bool:
            return is_within(name, "pickle", "marshal", "shelve")

        assert breaches(tree, is_breach) == []


def test_the_walk_sees_the_tree(tree: dict[str, set[str]]) -> None:
    """A walk that finds nothing would hold every arrow."""
    assert {name.split(".")[0] for name in tree} == set(PACKAGES)
    assert len(tree) > 20
