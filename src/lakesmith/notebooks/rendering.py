"""Spark ML stages as the Python that makes them: the class, and the parameters that are set, no matter which."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lakesmith.errors import DataError

WIDTH = 110
Rename = Callable[[Any], Any]
Import = tuple[str, str]  # module, name

# A fitted stage whose estimator finds the same again, at once or nearly so, from the same rows.
_ESTIMATORS = {"OneHotEncoderModel": "OneHotEncoder", "IDFModel": "IDF", "PCAModel": "PCA"}
# A fitted stage made from what it has learned: a list of words for one column.
_FROM_WORDS = {"StringIndexerModel": "from_labels", "CountVectorizerModel": "from_vocabulary"}


def text(value: str) -> str:
    """The text as a Python literal in double quotes, raw where it holds backslashes."""
    if "\\" in value and value.isprintable() and '"' not in value and not value.endswith("\\"):
        return f'r"{value}"'
    return json.dumps(value, ensure_ascii=not value.isprintable())


def python(value: Any) -> str:
    """A parameter's value as a Python expression."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, list | tuple):
        return listed([python(each) for each in value])
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{python(name)}: {python(each)}' for name, each in value.items())}}}"
    if hasattr(value, "toArray"):  # pyspark's vectors
        return f"Vectors.dense({python([float(each) for each in value.toArray()])})"
    return repr(value)


def listed(items: Sequence[str]) -> str:
    """A list of expressions, on several lines where one would be too long."""
    line = f"[{', '.join(items)}]"
    if len(line) <= WIDTH - 20 or any("\n" in each for each in items):
        return line
    lines, part = list[str](), ""
    for each in items:
        if part and len(part) + len(each) > WIDTH - 20:
            lines.append(part)
            part = ""
        part += f"{each}, "
    return "\n".join(["[", *(f"    {each.rstrip()}" for each in [*lines, part]), "]"])


def call(name: str, arguments: Iterable[tuple[str, str]]) -> str:
    """`name(key=value, …)` on one line, or on one line an argument where that is too long; a key may be ""."""
    written = [f"{key}={value}" if key else value for key, value in arguments]
    if len(written) == 1 and written[0].endswith(("\n}", "\n]")):
        return f"{name}({written[0]})"
    line = f"{name}({', '.join(written)})"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    return "\n".join([f"{name}(", *(f"    {each.replace(chr(10), chr(10) + '    ')}," for each in written), ")"])


def mapping(entries: Mapping[str, str], value: Callable[[str], str] = text) -> str:
    """A dict of texts, on one line or on one line an entry."""
    written = [f"{text(name)}: {value(each)}" for name, each in entries.items()]
    line = f"{{{', '.join(written)}}}"
    if len(line) <= WIDTH - 20 and len(written) <= 4:
        return line
    return "\n".join(["{", *(f"    {each}," for each in written), "}"])


def constructor(stage: Any, rename: Rename, uses: Callable[..., None]) -> str:
    """The call that makes the stage again with the parameters that are set. `rename` is applied to the values, `uses`
    is told each (module, name) to import.

    Raises DataError for a fitted stage that no constructor makes.
    """
    kind = _stock_class(type(stage))
    name = kind.__name__
    if name in _FROM_WORDS:
        uses(kind.__module__, name)
        return _from_words(stage, name, rename)
    if name.endswith("Model"):
        if name not in _ESTIMATORS:
            raise DataError(f"what a {name} has learned cannot be written as code", key="features")
        name = _ESTIMATORS[name]
    uses(kind.__module__, name)
    given = {param.name: rename(stage.getOrDefault(param)) for param in stage.params if stage.isSet(param)}
    if any(hasattr(value, "toArray") for value in given.values()):
        uses("pyspark.ml.linalg", "Vectors")
    if kind.__module__.startswith("xgboost"):
        given = {_XGBOOST.get(key, key): value for key, value in given.items() if value != {}}
    return call(name, [(key, python(value)) for key, value in given.items()])


_XGBOOST = {"featuresCol": "features_col", "labelCol": "label_col", "weightCol": "weight_col"}


def _from_words(stage: Any, name: str, rename: Rename) -> str:
    if name == "CountVectorizerModel":
        columns = [
            ("inputCol", python(rename(stage.getInputCol()))),
            ("outputCol", python(rename(stage.getOutputCol()))),
        ]
        made = call(f"{name}.from_vocabulary", [("", python(stage.vocabulary)), *columns])
        return f"{made}.setBinary({stage.getBinary()})"
    # One model a column: pyspark pads the labels of several to one length.
    models = [
        call(f"{name}.from_labels", [("", python(labels)), ("inputCol", python(rename(source))),
             ("outputCol", python(rename(output))), ("handleInvalid", python(stage.getHandleInvalid()))])
        for labels, source, output in zip(stage.labelsArray, stage.getInputCols(), stage.getOutputCols(), strict=True)
    ]  # fmt: skip
    return models[0] if len(models) == 1 else call("PipelineModel", [("", f"[{', '.join(models)}]")])


def _stock_class(kind: type) -> type:
    """The class itself, or the nearest one above it that is not lakesmith's."""
    return next(each for each in kind.__mro__ if not each.__module__.startswith("lakesmith"))
