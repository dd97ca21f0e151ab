"""Features: learned on training rows only, compiled to stock Spark ML stages that live inside the model's pipeline.

Features are read from top to bottom. One that changes a column's number (impute, standardize, normalize) takes it as
the features above left it and replaces the column's slot; the others (one_hot, bin, date_parts, …) add slots of their
own. A column made by `expression`, `flag` or `date_parts` may be named by the features below it.

In every numeric column NaN, the infinities and what a 32-bit float cannot hold count as missing, like null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from lakesmith.columns import Names
from lakesmith.piece import Catalogue, Piece

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft

Sort = Literal["numeric", "boolean", "text", "date", "timestamp", "timestamp_ntz", "array", "other"]  # of numbers
Word = Literal["numeric", "text", "boolean"]
WORDS: tuple[Word, ...] = ("numeric", "text", "boolean")
# The attribute of a fitted stage that says what the rows it was fitted on get, where that is not what others get.
ON_TRAINING = "_lakesmith_on_training"


@dataclass(frozen=True)
class Input:
    """A column a feature may take: gold's own, or one made by a feature above.

    `sql` gives its value from gold's columns, `reads` names those; `type` is Spark's name of a gold column's type.
    """

    name: str
    sort: Sort
    sql: str
    reads: tuple[str, ...]
    type: str = "double"


@dataclass(frozen=True)
class Slot:
    """A column that goes into the feature vector: one number, or a vector with a number for each category or bin.

    `name` is the slot in the user's words (`temp`, `temp missing`, `carrier`), `of` the column it tells about.
    A vector of `size` numbers is `name 1`, `name 2`, …; one made of `parts` has their numbers, less those that a
    `VectorSlicer` left out. A `category` is an index whose order means nothing; an image's `shape` is (height, width,
    channels), its numbers in this order.
    """

    name: str
    column: str
    of: str
    can_be_missing: bool
    is_vector: bool = False
    size: int = 0
    parts: tuple[Slot, ...] = ()
    is_category: bool = False
    shape: tuple[int, int, int] | None = None


class Feature(Piece):
    """Numbers for a model's feature vector, made from the columns of a gold row."""

    def columns_after(self, names: Names) -> Names:
        """The names that features below may use: `names` and the columns this feature makes. Raises ConfigError (key
        = own field) for a column that is not there. Pure Python: `validate` calls it without Spark."""
        return names

    def reads(self) -> dict[str, tuple[str, ...]]:
        """Own field (`columns.speed`) → the columns of gold that its expression reads."""
        return {}

    def image(self) -> tuple[int, int, int] | None:
        """Height, width and channels of the image it makes; None for numbers that are none."""
        return None

    def compile(self, draft: Draft) -> None:
        """Adds row expressions, stages and slots to the draft; no Spark job. Raises ConfigError (key = own field)."""
        raise NotImplementedError


class ColumnsFeature(Feature):
    """A feature that does the same thing to each of a list of columns, all of them in one stage."""

    takes: ClassVar[tuple[Sort, ...]] = ("numeric", "boolean")

    columns: Annotated[tuple[str, ...], Field(min_length=1)] | Word = Field(
        description="Column names, or a word for all columns of a sort: `numeric`, `text` or `boolean`. A word leaves "
        "out key, label, time, group and weight.",
    )
    except_columns: tuple[str, ...] = Field((), description="Columns that a word leaves out too.")

    @model_validator(mode="after")
    def _columns_once(self) -> Self:
        if isinstance(self.columns, str):
            if self.columns not in self.takes:
                raise ValueError(f"columns: {self.columns} columns cannot be used here, only {', '.join(self.takes)}")
            return self
        if self.except_columns:
            raise ValueError("except_columns goes with a word (numeric, text, boolean), not with a list of columns")
        twice = sorted({each for each in self.columns if self.columns.count(each) > 1})
        if twice:
            raise ValueError(f"columns holds '{twice[0]}' twice")
        return self

    def columns_after(self, names: Names) -> Names:
        if isinstance(self.columns, str):
            names.need_all(self.except_columns, key="except_columns")
        else:
            names.need_all(self.columns, key="columns")
        return names

    def chosen(self, draft: Draft) -> tuple[Input, ...]:
        """The columns this feature takes, in the order given (gold's order for a word)."""
        if isinstance(self.columns, str):
            return draft.by_word(self.columns, self.except_columns)
        return draft.by_name(self.columns, self.takes)


FEATURES: Catalogue[Feature] = Catalogue(Feature)
AnyFeature = Annotated[Feature, FEATURES]
