"""One example of each feature: its YAML, a training table, and the slots' values row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class FeatureExample:
    """`expected`: slot → its value in each row of `rows`, in order; None is missing. `above`: features above it."""

    yaml: dict[str, Any]
    schema: str
    rows: list[tuple[Any, ...]]
    expected: dict[str, list[float | None]]
    above: list[dict[str, Any]] = field(default_factory=list)


EXAMPLES: dict[str, FeatureExample] = {
    "bin": FeatureExample(
        {"kind": "bin", "columns": ["temp"], "method": "edges", "edges": [0, 10]},
        "temp double",
        [(-5.0,), (0.0,), (9.9,), (10.0,), (None,)],
        {"temp bin": [0, 1, 1, 2, 3]},
    ),
    "clip_outliers": FeatureExample(
        {"kind": "clip_outliers", "columns": ["delay"], "method": "iqr", "flag": True},
        "delay double",
        [(1.0,), (2.0,), (3.0,), (4.0,), (99.0,), (None,)],
        {"delay": [1, 2, 3, 4, 7, None], "delay clipped": [0, 0, 0, 0, 1, 0]},
    ),
    "cyclic": FeatureExample(
        {"kind": "cyclic", "columns": ["at"], "parts": ["hour", "month"]},
        "at timestamp_ntz",
        [(datetime(2013, 1, 5, 6, 50),), (datetime(2013, 7, 2),), (None,)],
        {
            "at.hour sin": [1, 0, None],
            "at.hour cos": [0, 1, None],
            "at.month sin": [0, 0, None],
            "at.month cos": [1, -1, None],
        },
    ),
    "date_parts": FeatureExample(
        {"kind": "date_parts", "columns": ["at"], "parts": ["hour", "weekday", "month"]},
        "at timestamp_ntz",
        [(datetime(2013, 1, 5, 23, 50),), (datetime(2013, 12, 2),), (None,)],
        {"at.hour": [23, 0, None], "at.weekday": [5, 0, None], "at.month": [1, 12, None]},
    ),
    "expression": FeatureExample(
        {"kind": "expression", "columns": {"speed": "distance / nullif(hours, 0)"}},
        "distance double, hours int",
        [(100.0, 2), (100.0, 0), (None, 1)],
        {"speed": [50, None, None]},
    ),
    "flag": FeatureExample(
        {"kind": "flag", "columns": {"is_far": "distance > 500"}},
        "distance int",
        [(501,), (500,), (None,)],
        {"is_far": [1, 0, 0]},
    ),
    "frequency": FeatureExample(
        {"kind": "frequency", "columns": ["carrier"]},
        "carrier string",
        [("UA",), ("UA",), ("AA",), (None,)],
        {"carrier frequency": [0.5, 0.5, 0.25, 0.25]},
    ),
    "hashing": FeatureExample(
        {"kind": "hashing", "columns": ["carrier", "origin"], "slots": 2},
        "carrier string, origin string",
        [("UA", "JFK"), ("UA", "LGA"), ("AA", None)],
        {"hash of carrier, origin[0]": [0, 1, 0], "hash of carrier, origin[1]": [2, 1, 2]},
    ),
    "holidays": FeatureExample(
        {"kind": "holidays", "columns": ["day"], "country": "DE", "first_year": 2023, "last_year": 2023},
        "day date",
        [(date(2023, 12, 25),), (date(2023, 12, 28),), (date(2023, 5, 2),), (date(2024, 1, 1),), (None,)],
        {
            "day.is_holiday": [1, 0, 0, None, None],
            "day.days_to_next": [0, 4, 16, None, None],
            "day.days_since_last": [0, 2, 1, None, None],
        },
    ),
    "image": FeatureExample(
        {"kind": "image", "column": "pixels", "height": 1, "width": 2},
        "pixels array<int>",
        [([3, 4],), ([5, None],), (None,)],
        {"pixels 1": [3, 5, 0], "pixels 2": [4, 0, 0]},
    ),
    "impute": FeatureExample(
        {"kind": "impute", "columns": ["temp"], "strategy": "median", "flag": True},
        "temp double",
        [(1.0,), (2.0,), (9.0,), (None,), (float("nan"),)],
        {"temp": [1, 2, 9, 2, 2], "temp missing": [0, 0, 0, 1, 1]},
    ),
    "impute_iterative": FeatureExample(
        {"kind": "impute_iterative", "columns": ["distance", "hours"], "flag": True},
        "distance double, hours double",
        [(100.0, 2.0), (200.0, 3.0), (300.0, 4.0), (400.0, None)],
        {
            "distance": [100, 200, 300, 400],
            "hours": [2, 3, 4, 5],
            "distance missing": [0, 0, 0, 0],
            "hours missing": [0, 0, 0, 1],
        },
    ),
    "impute_kmeans": FeatureExample(
        {"kind": "impute_kmeans", "columns": ["a", "b"], "clusters": 2, "flag": True},
        "a double, b double",
        [(0.0, 1.0), (0.0, 3.0), (0.0, None), (100.0, 50.0), (100.0, None)],
        {"a": [0, 0, 0, 100, 100], "b": [1, 3, 2, 50, 50], "a missing": [0] * 5, "b missing": [0, 0, 1, 0, 1]},
    ),
    "keep": FeatureExample(
        {"kind": "keep", "columns": ["seats", "is_new"]},
        "seats int, is_new boolean",
        [(180, True), (None, False), (2, None)],
        {"seats": [180, None, 2], "is_new": [1, 0, None]},
    ),
    "log": FeatureExample(
        {"kind": "log", "columns": ["spent"]},
        "spent double",
        [(0.0,), (9.0,), (-9.0,), (None,)],
        {"spent": [0, 2.302585093, -2.302585093, None]},
    ),
    "max_abs": FeatureExample(
        {"kind": "max_abs", "columns": ["gain"]},
        "gain double",
        [(-4.0,), (0.0,), (2.0,), (None,)],
        {"gain": [-1, 0, 0.5, None]},
    ),
    "min_max": FeatureExample(
        {"kind": "min_max", "columns": ["temp"], "upper": 10},
        "temp double",
        [(1.0,), (2.0,), (5.0,), (None,)],
        {"temp": [0, 2.5, 10, None]},
    ),
    "normalize": FeatureExample(
        {"kind": "normalize", "columns": ["a", "b"]},
        "a double, b double",
        [(3.0, 4.0), (0.0, 0.0), (None, 2.0)],
        {"a": [0.6, 0, None], "b": [0.8, 0, 1]},
    ),
    "one_hot": FeatureExample(
        {"kind": "one_hot", "columns": ["carrier"], "max_categories": 2},
        "carrier string",
        [("UA",), ("UA",), ("AA",), ("B6",), (None,)],
        {
            "carrier=UA": [1, 1, 0, 0, 0],
            "carrier=AA": [0, 0, 1, 0, 0],
            "carrier missing": [0, 0, 0, 0, 1],
            "carrier other": [0, 0, 0, 1, 0],
        },
    ),
    "ordinal": FeatureExample(
        {"kind": "ordinal", "columns": ["size"], "order": "value"},
        "size int",
        [(10,), (9,), (10,), (None,)],
        {"size rank": [1, 0, 1, 2]},
    ),
    "power": FeatureExample(
        {"kind": "power", "columns": ["even"], "standardize": False},
        "even double",
        # Symmetric around 0, so that the power is 1: nothing is bent.
        [(-2.0,), (-1.0,), (1.0,), (2.0,), (None,)],
        {"even": [-2, -1, 1, 2, None]},
    ),
    "rank": FeatureExample(
        {"kind": "rank", "columns": ["temp"], "quantiles": 4},
        "temp double",
        [(1.0,), (2.0,), (4.0,), (4.0,), (9.0,), (None,)],
        {"temp": [0, 0.25, 0.5, 0.5, 1, None]},
    ),
    "robust": FeatureExample(
        {"kind": "robust", "columns": ["temp"]},
        "temp double",
        [(1.0,), (2.0,), (3.0,), (4.0,), (1e6,), (None,)],
        {"temp": [-1, -0.5, 0, 0.5, 499_998.5, None]},
    ),
    "standardize": FeatureExample(
        {"kind": "standardize", "columns": ["temp"]},
        "temp double",
        [(1.0,), (2.0,), (3.0,), (None,)],
        {"temp": [-1, 0, 1, None]},
    ),
    "time_since": FeatureExample(
        {"kind": "time_since", "columns": ["seen"], "since": "born"},
        "seen timestamp_ntz, born date",
        [
            (datetime(2013, 1, 2, 12), date(2013, 1, 1)),
            (datetime(2012, 12, 31), date(2013, 1, 1)),
            (datetime(2013, 1, 1), None),
        ],
        {"seen since born": [1.5, None, None]},
    ),
    "woe": FeatureExample(
        {"kind": "woe", "columns": ["carrier", "hour"], "smoothing": 0.5, "bins": 2},
        "carrier string, hour int, _lakesmith_label double",
        [("UA", 6, 1.0), ("UA", 6, 1.0), ("UA", 6, 0.0), ("AA", 9, 0.0), (None, None, 0.0), (None, None, 1.0)],
        {
            # ln((2.5 / 4) / (1.5 / 4)), ln((0.5 / 4) / (1.5 / 4)) and ln(1).
            "carrier woe": [0.510825624, 0.510825624, 0.510825624, -1.098612289, 0, 0],
            "hour woe": [0.510825624, 0.510825624, 0.510825624, -1.098612289, 0, 0],
        },
    ),
}
EXAMPLES |= {
    "select_correlation": FeatureExample(
        {"kind": "select_correlation", "limit": 0.9},
        "a double, b double, c double, _lakesmith_label double",
        [(1.0, 1.0, 1.0, 1.0), (2.0, 2.5, 0.0, 2.0), (3.0, 3.0, 0.0, 3.0), (4.0, 4.0, 1.0, 4.0)],
        {"a": [1, 2, 3, 4], "c": [1, 0, 0, 1]},
        above=[{"kind": "keep", "columns": ["a", "b", "c"]}],
    ),
    "select_top": FeatureExample(
        {"kind": "select_top", "count": 1, "num_trees": 3, "max_depth": 2},
        "a double, b double, _lakesmith_label double",
        [(0.0, 1.0, 1.0), (0.0, 2.0, 2.0), (0.0, 3.0, 3.0), (None, None, None)],
        {"b": [1, 2, 3, None]},
        above=[{"kind": "keep", "columns": ["a", "b"]}],
    ),
    "select_univariate": FeatureExample(
        {"kind": "select_univariate", "share": 0.5},
        "a double, b double, _lakesmith_label double",
        [(5.0, 1.0, 1.0), (1.0, 2.0, 2.0), (7.0, 4.0, 3.0), (None, None, None)],
        {"b": [1, 2, 4, None]},
        above=[{"kind": "keep", "columns": ["a", "b"]}],
    ),
    "select_variance": FeatureExample(
        {"kind": "select_variance"},
        "a double, b double",
        [(1.0, 2.0), (1.0, 3.0), (None, None)],
        {"b": [2, 3, None]},
        above=[{"kind": "keep", "columns": ["a", "b"]}],
    ),
}
EXAMPLES |= {
    "interaction": FeatureExample(
        {"kind": "interaction", "columns": [["a", "b"], ["c", "a"], ["c", "d"]], "max_categories": 1},
        "a double, b double, c string, d string",
        [(2.0, 3.0, "x", "y"), (None, 1.0, "x", "y"), (5.0, 0.5, None, "z")],
        {
            "a*b": [6, None, 2.5],
            "a*c=x": [2, 0, 0],
            "a*c missing": [0, 0, 5],
            "a*c other": [0, 0, 0],
            "c*d=x*y": [1, 1, 0],
            "c*d missing": [0, 0, 1],
            "c*d other": [0, 0, 0],
        },
    ),
    "pca": FeatureExample(
        {"kind": "pca", "columns": ["a", "b"], "components": 1, "scale": False},
        "a double, b double",
        [(1.0, -3.0), (3.0, -9.0), (2.0, -6.0)],
        {"pca 1": [3.16227766, -3.16227766, 0]},
    ),
    "polynomial": FeatureExample(
        {"kind": "polynomial", "columns": ["a", "b"], "degree": 2},
        "a double, b double",
        [(2.0, 3.0), (None, -4.0), (1e30, -1e30)],
        {
            "a^2": [4, None, 3.4028234e38],
            "a*b": [6, None, -3.4028234e38],
            "b^2": [9, 16, 3.4028234e38],
        },
    ),
}
EXAMPLES |= {
    "count_words": FeatureExample(
        {"kind": "count_words", "columns": ["title"], "max_words": 2, "stop_words": ["the"]},
        "title string",
        [("The plane was late, late!",), ("Late plane",), (None,)],
        {"title=late": [2, 1, 0], "title=plane": [1, 1, 0]},
    ),
    "embed_categories": FeatureExample(
        {"kind": "embed_categories", "columns": ["a", "b"], "size": 1},
        "a string, b string",
        [("x", "p"), ("x", "p"), ("y", "q"), ("y", "q"), (None, "q")],
        {
            "a embedding 1": [0, 0, 0.652432883, 0.652432883, 0.652432883],
            "b embedding 1": [0, 0, 0.922679432, 0.922679432, 0.922679432],
        },
    ),
    "tf_idf": FeatureExample(
        {"kind": "tf_idf", "columns": ["title"], "slots": 2},
        "title string",
        [("late LATE",), ("plane",), (None,)],
        {"title tfidf 1": [0, 0, 0], "title tfidf 2": [0.575364145, 0.287682072, 0]},
    ),
    "word2vec": FeatureExample(
        {"kind": "word2vec", "columns": ["title"], "size": 2, "min_count": 2},
        "title string",
        [("late",), ("plane",), (None,)],
        {"title vector 1": [0, 0, 0], "title vector 2": [0, 0, 0]},
    ),
}
EXAMPLES |= {
    "target_encode": FeatureExample(
        {"kind": "target_encode", "columns": ["carrier"], "smoothing": 1},
        "carrier string, _lakesmith_label double",
        [("UA", 1.0), ("UA", 1.0), ("AA", 0.0), (None, 0.0)],
        {"carrier target": [0.833333333, 0.833333333, 0.25, 0.25]},
    ),
}
