"""From one picture of the world to one small document per node; no node hears of the others' settings."""

from sim.topology.settle.node import Node
from sim.topology.settle.settlement import Settlement

__all__ = ["Node", "Settlement"]
