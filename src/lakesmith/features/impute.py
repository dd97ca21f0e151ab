"""Missing values replaced by one value a column, or one a column and group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.features import ColumnsFeature, Input, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft
    from lakesmith.features.learning.fills import Filled


class Impute(ColumnsFeature):
    """Replaces missing values: by the mean, the median or the most frequent value of the training rows, or a constant.

    A number goes on as the column's slot. A text column (mode or constant only) makes no slot: name it again in
    `one_hot`, `ordinal` or `frequency` below. A column without any value at training becomes 0 (text: 'missing').

    With `by` the value is that of the training rows that agree in these columns (null is a group too; numbers, text and
    booleans as gold has them); where they have none, or are not one of the 5,000 largest groups, that of all rows.
    """

    kind: Literal["impute"] = "impute"
    takes = ("numeric", "boolean", "text")
    strategy: Literal["mean", "median", "mode", "constant"] = Field(
        "median", description="What replaces a missing value; `mode` is the most frequent value."
    )
    constant: float | str | None = Field(
        None, description="The value for strategy `constant`: a number for numeric columns, text for text columns."
    )
    by: tuple[str, ...] = Field((), description="Columns whose combinations are groups, each with a value of its own.")
    flag: bool = Field(False, description="Add a slot `<column> missing`: 1 where the value was missing, else 0.")

    @model_validator(mode="after")
    def _constant_goes_with_its_strategy(self) -> Self:
        if (self.strategy == "constant") != (self.constant is not None):
            raise ValueError("constant goes with `strategy: constant`, and only with it")
        if self.by and self.strategy == "constant":
            raise ValueError("by goes with mean, median and mode: a constant is the same for every group")
        return self

    def columns_after(self, names: Names) -> Names:
        names.need_all(self.by, key="by")
        return super().columns_after(names)

    def compile(self, draft: Draft) -> None:
        chosen = self.chosen(draft)
        for position, each in enumerate(chosen):
            self._check(each, f"columns[{position}]" if isinstance(self.columns, tuple) else "columns")
        filled = tuple(self._filled(each, draft) for each in chosen)
        self._add_stage(filled, draft)
        for each, fill in zip(chosen, filled, strict=True):
            if fill.is_text:
                draft.replace_text(each, fill.output)
            else:
                draft.replace_number(each, fill.output, filled=True)
            if fill.flag:
                draft.put(Slot(f"{each.name} missing", fill.flag, each.name, can_be_missing=False))

    def _add_stage(self, filled: tuple[Filled, ...], draft: Draft) -> None:
        from lakesmith.features.learning.fills import LearnFill, fill_sql
        from lakesmith.features.learning.group_fills import LearnGroupFill

        if self.strategy != "constant":
            if self.by:
                learner: LearnFill = LearnGroupFill(filled, self.strategy, self._group(draft), draft.fresh())
            else:
                learner = LearnFill(filled, self.strategy)
            draft.stages.append(learner)
            return
        columns: dict[str, str] = {}
        for each in filled:
            columns |= fill_sql(each, self.constant)
        draft.transform(columns)

    def _group(self, draft: Draft) -> str:
        """The internal column with the group: its categories, each behind its length so that none run together."""
        parts = []
        for position, name in enumerate(self.by):
            column = draft.category(draft.need(name, ("numeric", "boolean", "text"), f"by[{position}]"))
            parts.append(f"CAST(length({column}) AS STRING), ':', {column}")
        group = draft.fresh()
        draft.transform({group: f"concat({', '.join(parts)})"})
        return group

    def _filled(self, each: Input, draft: Draft) -> Filled:
        from lakesmith.features.learning.fills import Filled

        is_text = each.sort == "text"
        column = draft.text(each) if is_text else draft.number(each)
        return Filled(each.name, column, draft.fresh(), draft.fresh() if self.flag else None, is_text)

    def _check(self, each: Input, key: str) -> None:
        value: Any = self.constant
        if each.sort == "text" and self.strategy in ("mean", "median"):
            raise ConfigError(f"text column '{each.name}' has no {self.strategy}", key=key, fix="Use mode or constant.")
        if value is not None and isinstance(value, str) != (each.sort == "text"):
            wanted = "text" if each.sort == "text" else "a number"
            raise ConfigError(f"'{each.name}' is {each.type}; found {value!r}", key="constant", fix=f"Give {wanted}.")
