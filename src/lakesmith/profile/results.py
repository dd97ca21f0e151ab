"""What a profile found, as frozen values that are JSON on the way out."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

Interval = tuple[float, float]


class Found(BaseModel):
    """A frozen value; NaN is written as null."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


class Histogram(Found):
    """Rows in equal bins from `low` on, and those before the first and after the last."""

    low: float
    width: float
    counts: tuple[int, ...]
    below: int
    above: int


class Outliers(Found):
    """Limits of one rule, and how many finite values lie beyond them."""

    rule: str
    low: float
    high: float
    count: int


class Fit(Found):
    """A distribution fitted to a column: `ks` is the largest distance of the two distribution functions (0 = equal),
    taken at the edges of the column's bins."""

    distribution: str
    parameters: dict[str, float]
    ks: float


class Association(Found):
    """How much one column alone tells of the label, each in [0, 1] but the correlations (−1 to 1); null: undefined.

    `auc`: of the column's value as a score for the second class of a binary label, missing rows left out.
    `cramers_v`: of the column's bins or values and the label's classes, corrected for bias (Bergsma 2013).
    `correlation_ratio`: the root of the label's variance that the column's bins explain, or of the column's that the
    label's classes explain; corrected (Kelley 1935's epsilon).
    """

    auc: float | None = None
    cramers_v: float | None = None
    correlation_ratio: float | None = None
    pearson: float | None = None
    spearman: float | None = None

    @property
    def strength(self) -> float:
        """The strongest of them, in [0, 1], to sort by."""
        auc = abs(self.auc - 0.5) * 2 if self.auc is not None else 0.0
        others = (self.cramers_v, self.correlation_ratio, self.pearson, self.spearman)
        return max([auc, *[abs(each) for each in others if each is not None]])


class ColumnProfile(Found):
    """One column. Numbers of dates and timestamps are seconds since 1970 UTC; null where a column has none.

    `distinct` leaves null out; where not `distinct_is_exact` its standard error is DISTINCT_ERROR. `percentiles` are
    exact where each value has its own bin, else interpolated inside a bin: a rank is off by at most `rank_error`.
    `top` are the most frequent values with exact counts. Skewness and excess kurtosis are those of the population.
    """

    name: str
    type: str
    sort: str
    rows: int
    nulls: int
    distinct: int | None = None
    distinct_is_exact: bool = True
    nans: int | None = None
    infinities: int | None = None
    zeros: int | None = None
    negatives: int | None = None
    mean: float | None = None
    mean_interval: Interval | None = None
    stddev: float | None = None
    least: float | None = None
    largest: float | None = None
    skewness: float | None = None
    kurtosis: float | None = None
    percentiles: dict[str, float] = Field(default_factory=dict)
    rank_error: float = 0.0
    top: tuple[tuple[str, int], ...] = ()
    top_intervals: tuple[Interval, ...] = ()
    lengths: tuple[int, float, int] | None = None
    histogram: Histogram | None = None
    outliers: tuple[Outliers, ...] = ()
    fits: tuple[Fit, ...] = ()
    association: Association | None = None
    drift: float | None = None

    @property
    def null_share(self) -> float:
        """Nulls among the rows, in [0, 1]; 0 without rows."""
        return self.nulls / self.rows if self.rows else 0.0

    @property
    def values(self) -> int:
        """Rows with a value."""
        return self.rows - self.nulls


class Matrix(Found):
    """One number a pair of columns, over the rows where both are known; null where undefined."""

    name: str
    values: tuple[tuple[float | None, ...], ...]


class Correlations(Found):
    """Pearson, Spearman and covariance of the columns `names`. Spearman takes ranks among all known values of a column,
    in up to 200 bins whose ranks a sample of rows tells."""

    names: tuple[str, ...]
    matrices: tuple[Matrix, ...]
    left_out: int = 0


class Pattern(Found):
    """Rows that miss exactly these columns."""

    missing: tuple[str, ...]
    rows: int


class Warned(Found):
    """Something to look at before a model is trained: `kind` for programs, `told` for people, columns it is about."""

    kind: str
    columns: tuple[str, ...]
    told: str
    is_leak: bool = False
