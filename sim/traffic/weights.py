"""What is told as a weight among others': who has twice as much is wanted twice as often. Pure."""

from __future__ import annotations

from typing import Any

from attrs.validators import and_, gt, le

HEAVIEST = 1e9  # beside it, what weighs 1 is nothing; and weights can be summed up
a_weight: Any = and_(gt(0.0), le(HEAVIEST))
