"""One column's profile, put together from both passes."""

from __future__ import annotations

import math

import numpy as np

from lakesmith.profile import sketches
from lakesmith.profile.distributions import fits
from lakesmith.profile.first_pass import FirstState
from lakesmith.profile.plan import OUTLIER_RULES
from lakesmith.profile.prepared import NUMERIC, Prepared
from lakesmith.profile.results import ColumnProfile, Histogram, Interval, Outliers
from lakesmith.profile.second_pass import SecondState
from lakesmith.profile.sketches import Array

TOP = 10
Z_95 = 1.959963984540054


def described(
    table: Prepared, first: FirstState, second: SecondState, position: int, shares: tuple[float, ...]
) -> ColumnProfile:
    """The column's profile without association and drift. `shares` are the percentiles' ranks, in [0, 1]."""
    shared = {
        "name": table.names[position],
        "type": table.types[position],
        "sort": table.sorts[position],
        "rows": first.rows,
        "nulls": int(first.nulls[position]),
    }
    if table.sorts[position] in NUMERIC:
        return ColumnProfile(**shared, **_number(table, first, second, position, shares))
    if table.sorts[position] == "text":
        return ColumnProfile(**shared, **_text(table, first, second, position))
    return ColumnProfile(**shared)


def _number(
    table: Prepared, first: FirstState, second: SecondState, i: int, shares: tuple[float, ...]
) -> dict[str, object]:
    distinct, is_exact = sketches.distinct(first.hashes[i])
    nans, infinities = (int(each) for each in first.not_finite[:, i])
    found: dict[str, object] = {
        "distinct": distinct, "distinct_is_exact": is_exact, "nans": nans, "infinities": infinities,
        "zeros": int(first.zeros[i]), "negatives": int(first.negatives[i]),
    }  # fmt: skip
    count = float(first.moments[0, i])
    if not count:
        return found
    bins, counts = second.bins, second.counts[i][:-1]
    edges, least, largest = bins.edges[i], float(first.least[i]), float(first.largest[i])
    has_own = is_exact and distinct == len(edges)
    at = exact_percentiles(edges, counts[1:], shares) if has_own else _between(edges, counts, least, largest, shares)
    found |= _moments(first.moments[:, i]) | {
        "least": least, "largest": largest,
        "percentiles": {f"{share * 100:g}": value for share, value in zip(shares, at, strict=True)},
        "rank_error": 0.0 if has_own else float(counts.max() / count),
        "histogram": _histogram(second, i),
        "outliers": tuple(
            Outliers(rule=rule, low=float(bins.fences[2 * k, i]), high=float(bins.fences[2 * k + 1, i]),
                     count=int(second.outliers[k, i]))
            for k, rule in enumerate(OUTLIER_RULES)
        ),
    }  # fmt: skip
    if has_own:
        order = np.argsort(-counts[1:], kind="stable")[:TOP]
        top = [(float(edges[k]), int(counts[k + 1])) for k in order]
        found |= _top([(f"{value:.10g}", rows) for value, rows in top], first.rows - int(first.nulls[i]))
    if table.sorts[i] in ("number", "integer") and distinct > 2:
        sample = first.sample[:, i]
        below = np.cumsum(counts)[: len(edges)] / count
        found["fits"] = fits(sample[np.isfinite(sample)], edges, below, least=least, largest=largest)
    return found


def _moments(sums: Array) -> dict[str, object]:
    """Mean with its 95 % interval (normal), deviation (n − 1), skewness and excess kurtosis of the population."""
    n, mean, m2, m3, m4 = (float(each) for each in sums)
    deviation = math.sqrt(m2 / (n - 1)) if n > 1 else None
    reach = Z_95 * deviation / math.sqrt(n) if deviation is not None else None
    return {
        "mean": mean,
        "mean_interval": (mean - reach, mean + reach) if reach is not None else None,
        "stddev": deviation,
        "skewness": math.sqrt(n) * m3 / m2**1.5 if m2 > 0 else None,
        "kurtosis": n * m4 / m2**2 - 3 if m2 > 0 else None,
    }


def exact_percentiles(values: Array, counts: Array, shares: tuple[float, ...]) -> list[float]:
    """Linear between neighbours in the sorted rows, as numpy's default, from distinct values and their counts."""
    ends = np.cumsum(counts)
    at = np.asarray(shares) * (ends[-1] - 1)
    lower, upper = (values[np.searchsorted(ends, each, side="right")] for each in (np.floor(at), np.ceil(at)))
    return [float(each) for each in lower + (upper - lower) * (at - np.floor(at))]


def _between(edges: Array, counts: Array, least: float, largest: float, shares: tuple[float, ...]) -> list[float]:
    points = np.concatenate([[least], edges, [largest]])
    below = np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
    return [float(each) for each in np.interp(shares, below, points)]


def _histogram(second: SecondState, i: int) -> Histogram:
    bins, counts = second.bins, second.histograms[i]
    inner = tuple(int(each) for each in counts[1:-1])
    return Histogram(
        low=float(bins.low[i]), width=float(bins.width[i]), counts=inner, below=int(counts[0]), above=int(counts[-1])
    )


def _text(table: Prepared, first: FirstState, second: SecondState, position: int) -> dict[str, object]:
    number = position - table.numbers
    distinct, is_exact = sketches.distinct(first.hashes[position])
    counts, values = second.counts[position], second.bins.values[number]
    order = np.argsort(-counts[: len(values)], kind="stable")[:TOP]
    low, high, total = first.lengths[:, number]
    known = first.rows - int(first.nulls[position])
    return {
        "distinct": distinct,
        "distinct_is_exact": is_exact,
        "lengths": (int(low), float(total / known), int(high)) if known else None,
        **_top([(values[k], int(counts[k])) for k in order], known),
    }


def _top(top: list[tuple[str, int]], known: int) -> dict[str, object]:
    return {"top": tuple(top), "top_intervals": tuple(share_interval(rows, known) for _, rows in top)}


def share_interval(rows: int, of: int) -> Interval:
    """The 95 % interval of a share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    share, z2 = rows / of, Z_95**2
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = Z_95 / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(centre - reach, 0.0), min(centre + reach, 1.0)
