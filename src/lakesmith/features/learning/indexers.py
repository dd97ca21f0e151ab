"""A `StringIndexerModel` from labels, where columns have different numbers of them."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

from pyspark.ml.feature import StringIndexerModel
from pyspark.sql.utils import is_remote

from lakesmith.session import java_gateway

_PRIVATE_USE = range(0xE000, 0xF8FF)


def indexer(labels: Sequence[Sequence[str]], inputs: list[str], outputs: list[str]) -> StringIndexerModel:
    """The model that turns each of `inputs` into the position of its value among the column's labels, and into the
    number of labels where it is none of them."""
    # pyspark pads the shorter arrays with null (`_new_java_array`), which then count as labels; Connect does not.
    if is_remote():
        model = StringIndexerModel.from_arrays_of_labels([list(each) for each in labels], inputs, outputs)
    else:
        model = cast("Any", StringIndexerModel)._create_from_java_class(
            "org.apache.spark.ml.feature.StringIndexerModel", _jagged(labels)
        )
        model.setInputCols(inputs)
        model.setOutputCols(outputs)
    model.setHandleInvalid("keep")
    return model


def _jagged(labels: Sequence[Sequence[str]]) -> Any:
    """A Java array of arrays of strings: one call for each column, not one for each label."""
    gateway = java_gateway()
    taken = set(chain.from_iterable(chain.from_iterable(labels)))
    separator = next(chr(code) for code in _PRIVATE_USE if chr(code) not in taken)
    pattern = gateway.jvm.java.util.regex.Pattern.compile(separator)
    arrays = gateway.new_array(gateway.jvm.java.lang.String, len(labels), 0)
    for position, each in enumerate(labels):
        arrays[position] = pattern.split(separator.join(each), -1)
    return arrays
