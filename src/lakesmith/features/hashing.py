"""Many categories in few slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Hashing(ColumnsFeature):
    """The categories of all listed columns hashed together into `slots` numbers: how many of the row's categories fall
    into each slot, named `hash of <columns>[j]`.

    Nothing is learned: a category never seen has its slot too. Numbers and booleans count as categories. A missing
    value is a category of its column. Different categories may share a slot (MurmurHash3, as Spark's FeatureHasher);
    the hash depends on the place of the column among the project's features, not only on its name.
    Source: Weinberger et al., Feature hashing for large scale multitask learning (ICML 2009).
    """

    kind: Literal["hashing"] = "hashing"
    takes = ("text", "boolean", "numeric")
    slots: int = Field(64, ge=2, le=65_536, description="Number of slots; a power of two spreads most evenly.")

    def compile(self, draft: Draft) -> None:
        from pyspark.ml.feature import FeatureHasher

        chosen = self.chosen(draft)
        inputs, output = [draft.category(each) for each in chosen], draft.fresh()
        draft.stages.append(FeatureHasher(numFeatures=self.slots, inputCols=inputs, outputCol=output))
        names = ", ".join(each.name for each in chosen)
        draft.put(Slot(f"hash of {names}", output, names, can_be_missing=False, is_vector=True))
