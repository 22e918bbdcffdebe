"""The world in a terminal: what to open, then a table that keeps itself up to date; elsewhere plain lines."""

from __future__ import annotations

from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sim.supervise.child import Child
from sim.supervise.lifecycle import State
from sim.world import World

COLOURS = {"ready": "green", "starting": "yellow", "not ready": "yellow", "backing off": "yellow"}


def welcome(console: Console, world: World) -> None:
    """What to open and what to paste."""
    image = f"{world.front}/{world.cloud}/image/upload/c_fill,w_600,h_400/samples/fig-4mp.jpg"
    lines = [
        ("page", world.page_url),
        ("library", world.library_url),
        ("image", image),
        *(("", f"{image}?region={region}") for region in world.settlement.topology.regions),
        ("API", f"{world.front}/v1_1/{world.cloud}"),
        ("logs", str(world.state / "log")),
    ]
    if world.secure_front:
        lines.insert(3, ("https", image.replace(world.front, world.secure_front)))
        lines.append(("", "(`pixeledge trust` tells how browsers come to trust https here)"))
    # lines are left unbroken, to be clicked or pasted
    for name, place in lines:
        console.print(f"  {name:7} {place}", soft_wrap=True, highlight=False, markup=False)
    console.print(
        f"CLOUDINARY_URL={world.exports()['CLOUDINARY_URL']}", soft_wrap=True, highlight=False, markup=False
    )


def table_of(picture: dict[str, Any]) -> Table:
    """One row per node."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("node", "region", "state"):
        table.add_column(heading)
    for heading in ("req/s", "hits", "cache"):
        table.add_column(heading, justify="right")
    for node in picture["nodes"]:
        health = node["health"] + (f" (restarts: {node['restarts']})" if node["restarts"] else "")
        table.add_row(
            node["name"],
            node["region"] or "-",
            Text(health, style=COLOURS.get(node["health"], "red")),
            f"{node['requests_per_second']:.1f}",
            percent(node["hit_ratio"]),
            percent(node["cache_fill"], digits=1),
        )
    return table


def percent(part: float | None, digits: int = 0) -> str:
    """`42%`, or a dash for what is not known."""
    return "-" if part is None else f"{part * 100:.{digits}f}%"


class Terminal:
    """What `up` says, fit for where it says it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live: Live | None = None

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def changed(self, child: Child) -> None:
        """A turn in a child's life, as a line."""
        match child.life.state:
            case State.READY if child.health.is_ready:
                self.say(f"{child.name} is ready")
            case State.READY if child.health.reasons:
                self.say(f"{child.name} is not ready: {'; '.join(child.health.reasons)}")
            case State.BACKING_OFF:
                self.say(f"{child.name} ended and will be started again: {child.reason()}")
            case _:
                pass

    def begin(self) -> None:
        """From now on, keep a table where a terminal allows it."""
        if self.console.is_terminal:
            self._live = Live(console=self.console, auto_refresh=False, transient=True)
            self._live.start()

    def show(self, picture: dict[str, Any]) -> None:
        """The table, anew."""
        if self._live is not None:
            hint = Text("Ctrl-C ends it all", style="dim")
            self._live.update(Group(Text(""), table_of(picture), hint), refresh=True)

    def end(self) -> None:
        """No more table."""
        if self._live is not None:
            self._live.stop()
            self._live = None
