"""Outliers cut to limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class ClipOutliers(ColumnsFeature):
    """Values beyond limits learned on the training rows become the limit; replaces the column's slot.

    `percentile`: the quantiles at `low` and `high`. `iqr`: `factor` interquartile ranges (1.5 if not given) outside the
    quartiles (Tukey's fences). `zscore`: `factor` standard deviations (3 if not given) around the mean. Missing values
    stay missing; a column without limits (no value in training) stays as it is.
    """

    kind: Literal["clip_outliers"] = "clip_outliers"
    takes = ("numeric",)
    method: Literal["percentile", "iqr", "zscore"] = Field("percentile", description="Where the limits come from.")
    low: float = Field(0.01, ge=0, lt=1, description="Share of rows below the lower limit, for percentile.")
    high: float = Field(0.99, gt=0, le=1, description="Share of rows below the upper limit, for percentile.")
    factor: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="How far the limits are, for iqr (1.5) and zscore (3)."
    )
    flag: bool = Field(False, description="Add a slot `<column> clipped`: 1 where the value was cut, else 0.")

    @model_validator(mode="after")
    def _settings_go_with_their_method(self) -> Self:
        if self.method == "percentile" and self.factor is not None:
            raise ValueError("factor goes with iqr and zscore; percentile takes low and high")
        if not self.low < self.high:
            raise ValueError("low must be less than high")
        return self

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.limits import LearnLimits

        factor = self.factor or (1.5 if self.method == "iqr" else 3.0)
        chosen = self.chosen(draft)
        columns = {e.name: (draft.number(e), draft.fresh(), draft.fresh() if self.flag else None) for e in chosen}
        draft.stages.append(LearnLimits(columns, self.method, (self.low, self.high), factor))
        for each in chosen:
            _, output, flag = columns[each.name]
            draft.replace_number(each, output)
            if flag is not None:
                draft.put(Slot(f"{each.name} clipped", flag, each.name, can_be_missing=False))
