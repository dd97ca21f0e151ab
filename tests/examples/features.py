"""One example of each feature: its YAML, a training table, and the slots' values row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
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
    "impute": FeatureExample(
        {"kind": "impute", "columns": ["temp"], "strategy": "median", "flag": True},
        "temp double",
        [(1.0,), (2.0,), (9.0,), (None,), (float("nan"),)],
        {"temp": [1, 2, 9, 2, 2], "temp missing": [0, 0, 0, 1, 1]},
    ),
    "keep": FeatureExample(
        {"kind": "keep", "columns": ["seats", "is_new"]},
        "seats int, is_new boolean",
        [(180, True), (None, False), (2, None)],
        {"seats": [180, None, 2], "is_new": [1, 0, None]},
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
    "standardize": FeatureExample(
        {"kind": "standardize", "columns": ["temp"]},
        "temp double",
        [(1.0,), (2.0,), (3.0,), (None,)],
        {"temp": [-1, 0, 1, None]},
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
