"""Numbers relative to the largest one."""

from __future__ import annotations

from typing import Literal

from lakesmith.features.scaling import Scaling


class MaxAbs(Scaling):
    """value ÷ the largest size (absolute value) in the training rows; replaces the column's slot.

    Zero stays zero and missing stays missing. A column that is all 0 in training is not divided. As scikit-learn's
    MaxAbsScaler.
    """

    kind: Literal["max_abs"] = "max_abs"

    def learner(self, columns: dict[str, tuple[str, str]]) -> object:
        from lakesmith.features.learning.affine import LearnAffine, sizes

        return LearnAffine(columns, sizes)
