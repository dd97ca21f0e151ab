"""Distributions fitted to one column by maximum likelihood, and how far each is from what was counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from lakesmith.profile.results import Fit
from lakesmith.profile.sketches import Array

FEWEST = 20  # values below which nothing is fitted


def fits(sample: Array, edges: Array, below: Array, *, least: float, largest: float) -> tuple[Fit, ...]:
    """Normal, lognormal, exponential and uniform, the nearest first; parameters from `sample` (finite values), the
    distance from `below`, the exact share of values < each of `edges`.

    `ks` is the Kolmogorov-Smirnov distance at the edges; between two of them it may be larger by their share of rows.
    """
    if len(sample) < FEWEST or least == largest:
        return ()
    found = [
        Fit(distribution=name, parameters=parameters, ks=float(np.abs(model.cdf(edges) - below).max()))
        for name, parameters, model in _candidates(sample, least, largest)
    ]
    return tuple(sorted(found, key=lambda fit: fit.ks))


def _candidates(sample: Array, least: float, largest: float) -> list[tuple[str, dict[str, float], Any]]:
    from scipy import stats

    mean, deviation = float(sample.mean()), float(sample.std())
    made: list[tuple[str, dict[str, float], Any]] = [
        ("uniform", {"low": least, "high": largest}, stats.uniform(least, largest - least))
    ]
    if deviation > 0:
        made.append(("normal", {"mean": mean, "stddev": deviation}, stats.norm(mean, deviation)))
    if least >= 0 and mean > 0:
        made.append(("exponential", {"mean": mean}, stats.expon(scale=mean)))
    if least > 0:
        logs = np.log(sample)
        centre, spread = float(logs.mean()), float(logs.std())
        if spread > 0:
            parameters = {"log_mean": centre, "log_stddev": spread}
            made.append(("lognormal", parameters, stats.lognorm(spread, scale=float(np.exp(centre)))))
    return made
