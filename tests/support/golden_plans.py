"""Plans kept beside the tests: what a few hundred chains come to, a line each, for eyes and for `git diff`.

python -m tests.support.golden_plans [--write]
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from origin.transform.plan import Output
from sim.explain import Question, read_source
from wire.http.fields import Fields
from wire.negotiation import classify

FOLDER = Path(__file__).parents[1] / "data" / "plans"
CHAINS, PLANS = FOLDER / "chains.txt", FOLDER / "plans.jsonl"
_HINTS = {"accept": "Accept", "dpr": "Sec-CH-DPR", "width": "Sec-CH-Width", "save-data": "Save-Data"}
NAMED = {"card": "c_fill,h_40,w_60", "none": "w_1"}


@frozen
class Asked:
    """A line of the chains: a source, a chain on it, and what the viewer says."""

    source: str
    chain: str
    hints: tuple[str, ...] = ()

    def answer(self) -> dict[str, Any]:
        """What is kept of the answer: what holds by default is left out."""
        said = (hint.split("=", 1) for hint in self.hints)
        viewer = classify(Fields((_HINTS[name], value) for name, value in said))
        told = Question(facts=read_source(self.source), viewer=viewer, named=NAMED).answer(
            self.chain.encode()
        )
        kept: dict[str, Any] = {"source": self.source, "chain": self.chain}
        if self.hints:
            kept["viewer"] = " ".join(self.hints)
        kept |= {name: told[name] for name in ("canonical", "error") if name in told}
        return kept | ({"plan": _short(told["plan"])} if "plan" in told else {})


def asked() -> Iterator[Asked]:
    """Every line."""
    for line in CHAINS.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "==")):
            source, chain, *hints = line.split(" ")
            yield Asked(source, chain, tuple(hints))


def _short(plan: dict[str, Any]) -> dict[str, Any]:
    plan, ordinary = json.loads(json.dumps([plan, asdict(Output(plan["output"]["format"]))]))
    output = {
        name: value
        for name, value in plan["output"].items()
        if name == "format" or value != ordinary.get(name)
    }
    short = {"size": [plan["width"], plan["height"]], "operations": plan["operations"], "output": output}
    flags = {name: plan[name] for name in ("passthrough", "inputs") if plan[name]}
    return short | flags | ({} if plan["orient"] else {"orient": False})


def lines() -> Iterator[str]:
    """What `plans.jsonl` must hold."""
    for each in asked():
        yield json.dumps(each.answer(), ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Tell which lines differ, or write them all."""
    made = list(lines())
    if "--write" in sys.argv:
        PLANS.write_text("\n".join(made) + "\n", "utf-8")
        return
    kept = set(PLANS.read_text("utf-8").splitlines())
    different = [line for line in made if line not in kept]
    print("\n".join(different))
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
