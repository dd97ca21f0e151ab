"""Numbers in bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from lakesmith.features import ColumnsFeature, Slot

if TYPE_CHECKING:
    from lakesmith.features.drafts import Draft


class Bin(ColumnsFeature):
    """The number of the bin a value falls into, counted from 0, as slot `<column> bin`; or one slot for each bin.

    A bin holds its lower edge. Values beyond the outermost edges belong to the first or last bin; missing values to a
    bin of their own after the last. Edges learned are those of the training rows: quantiles (equal ones count once),
    equal widths between the least and the largest value, or the splits of a decision tree on this column and the label
    (`tree`; chosen among 64 quantile bins, rows count once whatever their weight).
    """

    kind: Literal["bin"] = "bin"
    takes = ("numeric",)
    method: Literal["quantile", "width", "edges", "tree"] = Field("quantile", description="Where the edges come from.")
    bins: int = Field(10, ge=2, le=1_000, description="Number of bins for quantile and width; the most for tree.")
    edges: tuple[float, ...] = Field((), description="Inner edges for method `edges`, ascending.")
    min_share: float = Field(
        0.05, ge=0, lt=1, description="Smallest share of the training rows with a value in a bin of `tree`, in [0, 1)."
    )
    one_hot: bool = Field(False, description="One slot for each bin instead of the bin's number; for linear models.")

    @model_validator(mode="after")
    def _edges_go_with_their_method(self) -> Self:
        if (self.method == "edges") != bool(self.edges):
            raise ValueError("edges goes with `method: edges`, and only with it")
        if any(not low < high for low, high in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("edges must ascend")
        if any(abs(edge) == float("inf") for edge in self.edges):
            raise ValueError("edges must be finite: the first and last bin are open anyway")
        return self

    def compile(self, draft: Draft) -> None:
        from lakesmith.features.learning.bins import LearnBins

        columns = {each.name: (draft.number(each), draft.fresh()) for each in self.chosen(draft)}
        draft.stages.append(LearnBins(columns, self.method, self.bins, self.edges, self.one_hot, self.min_share))
        for name, (_, output) in columns.items():
            label = name if self.one_hot else f"{name} bin"
            draft.put(Slot(label, output, name, can_be_missing=False, is_vector=self.one_hot), key=f"{name} bin")
