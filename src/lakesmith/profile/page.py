"""A profile as one self-contained HTML page, below 2 MB for any number of columns: numbers rounded, long parts cut."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from lakesmith.profile.results import ColumnProfile, Correlations, Histogram
from lakesmith.profile.sketches import DISTINCT_ERROR
from lakesmith.report.render import page
from lakesmith.report.svg import drawing, tag
from lakesmith.wording import decimal

if TYPE_CHECKING:
    from lakesmith.profile.profiles import Profile

MOST_DETAILED = 300  # columns shown with all their numbers; beyond it every column keeps its line in the overview
MOST_PAIRS = 24  # columns whose correlations are drawn as a table
MOST_PATTERN_COLUMNS = 8
BAR, HEIGHT = 4, 24


def render(profile: Profile) -> str:
    """The page."""
    detailed = profile.columns if len(profile.columns) <= MOST_DETAILED else ()
    return page(
        "profile.html.j2",
        profile=profile,
        detailed=detailed,
        pairs=_pairs(profile),
        distinct_error=DISTINCT_ERROR,
        shown=shown,
        sparkline=sparkline,
        strongest=_strongest(profile),
        pattern_columns=MOST_PATTERN_COLUMNS,
    )


def shown(column: ColumnProfile) -> Callable[[float | None], str]:
    """How a value of this column is written: a date or time as such, a number rounded."""
    if column.sort not in ("date", "timestamp"):
        return decimal
    form = "%Y-%m-%d" if column.sort == "date" else "%Y-%m-%d %H:%M"

    def as_time(value: float | None) -> str:
        if value is None or not math.isfinite(value) or not -6.2e10 < value < 2.5e11:
            return decimal(value)
        return datetime.fromtimestamp(value, UTC).strftime(form)

    return as_time


def sparkline(histogram: Histogram | None) -> Markup:
    """The histogram as a small drawing; nothing where there is none."""
    if histogram is None or not any(histogram.counts):
        return Markup("")
    most = max(histogram.counts)
    bars = [(i * BAR, round(count / most * HEIGHT, 1)) for i, count in enumerate(histogram.counts) if count]
    path = "".join(f"M{x} {HEIGHT}v{-max(height, 0.7):g}h3V{HEIGHT}z" for x, height in bars)
    return drawing(HEIGHT, "histogram", [tag("path", d=path, class_="f-blue")], width=BAR * len(histogram.counts))


def _strongest(profile: Profile) -> tuple[tuple[ColumnProfile, float], ...]:
    """Columns by how much each alone tells of the label, the strongest first, at most twenty."""
    known = [(each, each.association.strength) for each in profile.columns if each.association is not None]
    return tuple(sorted(known, key=lambda pair: -pair[1])[:20])


def _pairs(profile: Profile) -> Correlations | None:
    """The correlations of the first columns, those of the largest correlation with any other first."""
    together = profile.correlations
    if together is None or len(together.names) <= MOST_PAIRS:
        return together
    pearson = together.matrices[0].values
    size = range(len(together.names))
    largest = [max((abs(pearson[i][j] or 0) for j in size if j != i), default=0.0) for i in size]
    kept = sorted(sorted(size, key=lambda i: -largest[i])[:MOST_PAIRS])
    return Correlations(
        names=tuple(together.names[i] for i in kept),
        matrices=tuple(
            each.model_copy(update={"values": tuple(tuple(each.values[i][j] for j in kept) for i in kept)})
            for each in together.matrices
        ),
        left_out=together.left_out + len(together.names) - len(kept),
    )
