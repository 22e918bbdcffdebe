"""sim.demo.photographs: what is in the package is what is listed, with its credits."""

from importlib.resources import files

from sim.demo.photographs import PHOTOGRAPHS


def test_every_photograph_is_in_the_package_and_every_file_is_listed() -> None:
    kinds = (".jpg", ".png", ".gif", ".webp")
    kept = {path.name for path in files("sim.demo").iterdir() if path.name.endswith(kinds)}
    assert kept == {photograph.file for photograph in PHOTOGRAPHS}
    assert len({photograph.public_id for photograph in PHOTOGRAPHS}) == len(PHOTOGRAPHS) == 12


def test_the_credits_agree_with_the_readme_beside_them() -> None:
    """The licence file and the page must not tell different stories."""
    rows = {
        line.split("|")[1].strip(" `"): line
        for line in (files("sim.demo") / "README.md").read_text("utf-8").splitlines()
        if line.startswith("| `")
    }
    for photograph in PHOTOGRAPHS:
        attribution = "CC-BY-4.0" in rows[photograph.file]
        assert attribution == photograph.licence.startswith("CC BY 4.0")
