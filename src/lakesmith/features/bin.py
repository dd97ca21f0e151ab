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
    bin of their own after the last. Edges learned are those of the training rows: quantiles (equal ones count once)
    or equal widths between the least and the largest value.
    """

    kind: Literal["bin"] = "bin"
    takes = ("numeric",)
    method: Literal["quantile", "width", "edges"] = Field("quantile", description="Where the edges come from.")
    bins: int = Field(10, ge=2, le=1_000, description="Number of bins for quantile and width.")
    edges: tuple[float, ...] = Field((), description="Inner edges for method `edges`, ascending.")
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
        draft.stages.append(LearnBins(columns, self.method, self.bins, self.edges, self.one_hot))
        for name, (_, output) in columns.items():
            label = name if self.one_hot else f"{name} bin"
            draft.put(Slot(label, output, name, can_be_missing=False, is_vector=self.one_hot), key=f"{name} bin")
