"""The arrows of docs/architecture.md, held by walking every import in the tree."""

import ast
from collections.abc import Iterator
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
PURE = ("wire", "edge.core", "origin.transform", "origin.search")
NOT_PURE = ("wire.web",)
IMPURE = ("twisted", "treq", "asyncio", "wire.web")
WIRING = ("service", "__main__", "node", "cli")


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


MODULES = list(modules())


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
class TestArrows:
    def test_packages_import_only_what_lies_below_them(self, module: str, path: Path) -> None:
        """origin and edge never meet; nobody imports sim."""
        own = module.split(".")[0]
        seen = {name.split(".")[0] for name in imports_of(path)} & set(PACKAGES)
        assert seen <= MAY_IMPORT[own]

    def test_pure_rooms_know_no_twisted(self, module: str, path: Path) -> None:
        """A decision that takes `now` and returns values also runs in virtual time."""
        if is_within(module, *PURE) and not is_within(module, *NOT_PURE):
            impure = [each for each in imports_of(path) if is_within(each, *IMPURE)]
            assert impure == []

    def test_only_the_wiring_imports_the_reactor(self, module: str, path: Path) -> None:
        """Everything else is given what it needs of one."""
        if module.split(".")[-1] not in WIRING:
            assert "twisted.internet.reactor" not in imports_of(path)

    def test_only_the_renderer_imports_pillow(self, module: str, path: Path) -> None:
        """Decoding a hostile file in a node's own process could take the node with it."""
        if not is_within(module, "origin.render"):
            assert not any(is_within(name, "PIL") for name in imports_of(path))

    def test_nothing_pickles(self, module: str, path: Path) -> None:
        """A cache directory holds bytes and JSON (CVE-2025-69872)."""
        assert not any(is_within(name, "pickle", "marshal", "shelve") for name in imports_of(path))


def test_the_walk_sees_the_tree() -> None:
    """A walk that finds nothing would hold every arrow."""
    assert {name.split(".")[0] for name, _ in MODULES} == set(PACKAGES)
    assert len(MODULES) > 20
