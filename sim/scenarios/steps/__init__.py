"""What a scenario can do, a kind of step a class; `STEPS` is what a script may name."""

from __future__ import annotations

from collections.abc import Mapping

from sim.scenarios.steps.asking import Answers, Crowd, Dawdle, Phase, Probe, Warm
from sim.scenarios.steps.commands import Do
from sim.scenarios.steps.disks import Corrupt, FillDisk, FreeDisk, Wipe
from sim.scenarios.steps.nodes import Crash, Die, Freeze, Ready, Restart, Roll, Start, Stop, Thaw, Until
from sim.scenarios.steps.step import Step
from sim.scenarios.steps.surging import Instances, Surge

STEPS: Mapping[str, type[Step]] = {
    "phase": Phase,
    "warm": Warm,
    "answers": Answers,
    "probe": Probe,
    "crowd": Crowd,
    "surge": Surge,
    "dawdle": Dawdle,
    "do": Do,
    "stop": Stop,
    "die": Die,
    "crash": Crash,
    "start": Start,
    "restart": Restart,
    "freeze": Freeze,
    "thaw": Thaw,
    "roll": Roll,
    "ready": Ready,
    "until": Until,
    "instances": Instances,
    "fill_disk": FillDisk,
    "free_disk": FreeDisk,
    "corrupt": Corrupt,
    "wipe": Wipe,
}

__all__ = ["STEPS", "Step"]
