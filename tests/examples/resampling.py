"""One example of each way of resampling: its YAML, and how many rows of each class come out of 8 and 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ResamplingExample:
    """Rows of class 0 and class 1 after it, up to `tolerance`: sizes are met by a hash of the key."""

    yaml: dict[str, Any]
    rows: tuple[int, int]
    expected: tuple[int, int]
    tolerance: int = 0


EXAMPLES: dict[str, ResamplingExample] = {
    "oversample": ResamplingExample({"kind": "oversample"}, (40, 10), (40, 40)),
    "smote": ResamplingExample({"kind": "smote", "share": 0.5, "neighbours": 3}, (40, 10), (40, 20)),
    "undersample": ResamplingExample({"kind": "undersample"}, (40, 10), (10, 10), tolerance=6),
}
