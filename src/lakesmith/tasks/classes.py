"""What binary and multiclass share: counting the classes of a label, and mapping a class to its index and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakesmith.columns import Names, quote
from lakesmith.errors import DataError, TrainingError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType

Value = bool | int | float | str


@dataclass(frozen=True)
class ClassCounts:
    """Distinct label values with their text (as Spark casts it) and rows, most frequent first; nulls counted apart."""

    values: tuple[object, ...]
    texts: tuple[str, ...]
    rows: tuple[int, ...]
    null_rows: int

    def told(self, most: int = 6) -> str:
        """The values in words: 'a' (10 rows), 'b' (3 rows)."""
        pairs = [f"'{text}' ({rows:,} rows)" for text, rows in zip(self.texts, self.rows, strict=True)]
        return ", ".join(pairs[:most]) + (", …" if len(pairs) > most else "")


def class_counts(train: DataFrame, label: str, most: int) -> ClassCounts:
    """The label's values over the training rows, from one action; past `most` of them only some, but more than `most`.

    Raises TrainingError for no labelled row or one value only, DataError for NaN or a type that has no classes.
    """
    from pyspark.sql import functions as F

    Names("the training rows", tuple(train.columns)).need(label, key="label")
    _need_class_type(train.schema[label].dataType, label)
    value = F.col(quote(label))
    # Two more than are allowed: one for null, one that shows there are too many. Not ordered: that is two jobs more.
    found = (
        train.groupBy(value.alias("value"))
        .agg(F.count(F.lit(1)).alias("rows"))
        .select("value", F.col("value").cast("string").alias("text"), "rows")
        .limit(most + 2)
        .collect()
    )
    known = sorted((row for row in found if row["value"] is not None), key=lambda row: (-row["rows"], row["text"]))
    counts = ClassCounts(
        tuple(row["value"] for row in known),
        tuple(row["text"] for row in known),
        tuple(row["rows"] for row in known),
        sum(row["rows"] for row in found if row["value"] is None),
    )
    return _learnable(counts, label)


def _need_class_type(found: DataType, label: str) -> None:
    from pyspark.sql import types as t

    if not isinstance(found, t.StringType | t.BooleanType | t.NumericType | t.DateType):
        raise DataError(
            f"label '{label}' is of type {found.simpleString()}; classes are text, numbers, booleans or dates",
            key="label",
            fix="Derive a column with the class (`derive`: add_columns) and name it here.",
        )


def _learnable(counts: ClassCounts, label: str) -> ClassCounts:
    if not counts.values:
        found = f"null in all {counts.null_rows:,} training rows" if counts.null_rows else "without a training row"
        raise TrainingError(
            f"label '{label}' is {found}; a model needs rows with a label",
            key="label",
            fix="Check how the label is derived, and which rows the split gives to training.",
        )
    if any(isinstance(value, float) and value != value for value in counts.values):
        raise DataError(
            f"label '{label}' is NaN in some training rows, which is no class",
            key="label",
            fix="Make it null (no label) or a class of its own in `clean` or `derive`.",
        )
    if len(counts.values) == 1:
        raise TrainingError(
            f"label '{label}' has one class only among the training rows: {counts.told()}; a model needs two",
            key="label",
            fix="Check how the label is derived, and which rows the split gives to training.",
        )
    return counts


def is_same(value: object, wanted: Value) -> bool:
    """The label value is the one the project file names: text by text, numbers and booleans by number."""
    if isinstance(value, str) or isinstance(wanted, str):
        return isinstance(value, str) and isinstance(wanted, str) and value == wanted
    try:
        return float(value) == float(wanted)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def class_index(label: str, classes: Sequence[str]) -> Column:
    """The index of the row's class as a double; null for null and for a class that is not among `classes`."""
    from pyspark.sql import functions as F

    # A map literal: a CASE with a branch a class takes far longer to plan and to run.
    pairs = [part for index, text in enumerate(classes) for part in (F.lit(text), F.lit(float(index)))]
    return F.try_element_at(F.create_map(*pairs), F.col(quote(label)).cast("string"))


def class_name(index: Column, classes: Sequence[str]) -> Column:
    """The class of an index, as text; null for null and for an index out of range."""
    from pyspark.sql import functions as F

    return F.get(F.array(*[F.lit(text) for text in classes]), index.cast("int"))


def balanced(label: Column, counts: Sequence[int]) -> Column:
    """rows / (classes × rows of the own class), for an encoded label; null where the label is."""
    from pyspark.sql import functions as F

    total = sum(counts)
    return F.get(F.array(*[F.lit(total / (len(counts) * count)) for count in counts]), label.cast("int"))
