"""How assets lose their public as they grow older, and give way to new ones (workloads.md §2). Pure."""

from __future__ import annotations

from attrs import Factory, frozen

from sim.topology.quantities import Duration, Share
from sim.traffic.draws import share_of

DAY = 86_400.0


@frozen
class Ageing:
    """An asset's weight is divided by 1 + age / `half`; every day a share of the catalogue is `new`.

    The catalogue stays as large as it is: each of its places has had an asset for a time that follows from the place
    alone, and has another one after 1 / `new` days. So ages are as they are in a catalogue that has long been growing.
    """

    half: Duration = Factory(lambda: Duration(DAY))
    """The age at which an asset is wanted half as much as on its first day."""
    new: Share = Factory(lambda: Share(0.01))

    def lead(self, seed: int, place: int) -> float:
        """How old a place's asset is at the trace's start, in seconds."""
        return share_of(seed, "born", place) * self.turn

    @property
    def turn(self) -> float:
        """Seconds that an asset keeps its place."""
        return DAY / self.new.part

    def asset_at(self, lead: float, seconds: float) -> tuple[int, float]:
        """How many assets a place with this lead has had before since the trace's start, and the age of that which it
        has now."""
        generation, age = divmod(seconds + lead, self.turn)
        return int(generation), age

    def weight(self, age_seconds: float) -> float:
        """1 of a new asset, less of all others."""
        return 1.0 / (1.0 + age_seconds / self.half.seconds)
