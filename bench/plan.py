"""What deciding costs: canonical text and plan, against the promise of 100 µs (1 ms for the longest), and the rest.

    python -m bench.plan [--rounds 200]

CPU microseconds, the best of many rounds: whatever else the machine does only ever adds.
"""

import time
from collections.abc import Callable

import click

from bench.measure import table
from origin.transform.canonical import canonical, identity
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import plan

REPEATS = 5
FACTS = SourceFacts(4000, 3000, "jpg")
CHAINS = {
    "fill, auto format and quality": "c_fill,g_south,h_300,w_400/f_auto,q_auto",
    "fill, round, sharpened": "c_fill,h_300,w_400/r_20/e_sharpen/f_webp,q_80",
    "a condition with an alternative": (
        "if_w_gt_300/c_fill,w_300,h_200/if_else/c_pad,w_400,h_400,b_white/if_end/f_jpg,q_80"
    ),
    "variables and arithmetic": "$w_400/c_scale,w_$w_mul_2/e_blur:100",
    "60 components": "/".join(f"c_scale,w_{400 - number}" for number in range(60)),
}


def steps(chain: str) -> dict[str, Callable[[], object]]:
    """What is decided about a request before its derived asset is looked up, one after the other."""
    read = parse_chain(chain)
    planned = plan(read, FACTS)
    return {
        "read": lambda: parse_chain(chain),
        "canonical": lambda: canonical(read),
        "plan": lambda: plan(read, FACTS),
        "identity": lambda: identity(planned),
    }


def microseconds(step: Callable[[], object], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time_ns()
        for _ in range(REPEATS):
            step()
        best = min(best, (time.process_time_ns() - began) / 1000 / REPEATS)
    return best


@click.command()
@click.option("--rounds", default=200, show_default=True, help="The best counts.")
def main(rounds: int) -> None:
    """Microseconds a chain."""
    rows = []
    for name, chain in CHAINS.items():
        costs = [microseconds(step, rounds) for step in steps(chain).values()]
        rows.append([name, *(f"{cost:.0f}" for cost in costs), f"{sum(costs[1:3]):.0f}", f"{sum(costs):.0f}"])
    table(
        "Chain → canonical text, plan and identity, CPU µs",
        ["chain", "read", "canonical", "plan", "identity", "canonical + plan", "all"],
        rows,
    )


if __name__ == "__main__":
    main()
