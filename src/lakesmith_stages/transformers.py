"""Spark ML stages in Python: read and written like Spark's own, wherever this package can be imported."""

from __future__ import annotations

import hashlib
import json
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from pyspark import cloudpickle, keyword_only
from pyspark.ml import Model, Transformer
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasFeaturesCol, HasInputCol, HasOutputCol, HasPredictionCol, HasProbabilityCol
from pyspark.ml.util import (
    DefaultParamsReadable,
    DefaultParamsReader,
    DefaultParamsWritable,
    DefaultParamsWriter,
    MLReadable,
    MLReader,
    MLWritable,
    MLWriter,
)  # fmt: skip
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

PART_BYTES = 8 * 1024 * 1024  # of the weights in one row
NETWORKS_KEPT = 2  # in a worker, which may outlive many models
ANSWER = "struct<raw: array<double>, probability: array<double>, prediction: double>"
KEPT = "lakesmith_networks"  # in a worker's sys.modules: networks by digest


class ArrayToVector(Transformer, HasInputCol, HasOutputCol, DefaultParamsReadable, DefaultParamsWritable):  # type: ignore[type-arg]
    """An array of `size` numbers as a vector of as many slots. Raises, when it runs, for a null or another length."""

    size = Param(Params._dummy(), "size", "how many numbers every array has", TypeConverters.toInt)

    @keyword_only
    def __init__(self, *, inputCol: str | None = None, outputCol: str | None = None, size: int | None = None) -> None:
        super().__init__()
        self._set(**self._input_kwargs)  # type: ignore[attr-defined]

    def _transform(self, dataset: DataFrame) -> DataFrame:
        from pyspark.ml.functions import array_to_vector

        size, column = self.getOrDefault(self.size), F.col(self.getInputCol())
        told = F.concat(F.lit(f"an image has {size} numbers, this one has "), F.coalesce(F.size(column), F.lit(0)))
        checked = F.when(F.coalesce(F.size(column), F.lit(-1)) == size, column).otherwise(F.raise_error(told))
        # The attributes tell VectorAssembler how many slots there are, which it would otherwise not know.
        attributes = {"ml_attr": {"num_attrs": size}}
        vector = array_to_vector(checked.cast("array<double>")).alias(self.getOutputCol(), metadata=attributes)
        return dataset.select("*", vector)


class TorchModel(Model, HasFeaturesCol, HasPredictionCol, HasProbabilityCol, MLReadable, MLWritable):  # type: ignore[type-arg]
    """A network over a vector column: adds `prediction` and, for classes, `rawPrediction` and `probability`.

    The rows' other columns do not pass through Python. A worker process opens the network once.
    """

    network = Param(Params._dummy(), "network", "the network's spec, as JSON", TypeConverters.toString)

    def __init__(self, spec: dict[str, Any] | None = None, weights: bytes = b"", features: str = "features") -> None:
        super().__init__()
        self.weights = weights
        self._set(featuresCol=features)
        if spec is not None:
            self._set(network=json.dumps(spec))

    @property
    def spec(self) -> dict[str, Any]:
        """The network as data."""
        found: dict[str, Any] = json.loads(self.getOrDefault(self.network))
        return found

    def _transform(self, dataset: DataFrame) -> DataFrame:
        from pyspark.ml.functions import array_to_vector, vector_to_array
        from pyspark.sql.pandas.functions import arrow_udf

        from lakesmith_stages import network

        answer, has_classes = "_lakesmith_answer", bool(self.spec["classes"])
        # Workers get the code with the function, so that they need not have this package.
        cloudpickle.register_pickle_by_value(network)  # type: ignore[no-untyped-call]
        found = arrow_udf(_answering(network.opened, self.spec, self.weights), ANSWER)  # type: ignore[call-overload]
        vectors = vector_to_array(F.col(self.getFeaturesCol()), "float32")
        scored = dataset.withColumn(answer, found(vectors))
        added = {"prediction": F.col(answer)["prediction"]}
        if has_classes:
            added["rawPrediction"] = array_to_vector(F.col(answer)["raw"])
            added["probability"] = array_to_vector(F.col(answer)["probability"])
        return scored.withColumns(added).drop(answer)

    def write(self) -> MLWriter:
        """A writer: parameters as JSON, the weights as rows of bytes."""
        return _Writer(self)

    @classmethod
    def read(cls) -> MLReader[TorchModel]:
        """The reader of what `write` has written."""
        return _Reader(cls)


class _Writer(MLWriter):
    def __init__(self, instance: TorchModel) -> None:
        super().__init__()
        self.instance = instance

    def saveImpl(self, path: str) -> None:
        spark = self.sparkSession
        DefaultParamsWriter.saveMetadata(self.instance, path, spark)
        content = self.instance.weights
        parts = [
            (start // PART_BYTES, content[start : start + PART_BYTES]) for start in range(0, len(content), PART_BYTES)
        ]
        spark.createDataFrame(parts, "part int, content binary").coalesce(1).write.parquet(f"{path}/weights")


class _Reader(MLReader[TorchModel]):
    def __init__(self, kind: type[TorchModel]) -> None:
        super().__init__()
        self.kind = kind

    def load(self, path: str) -> TorchModel:
        # Now: the folder that this package was imported from may be gone when the model answers.
        from lakesmith_stages import network  # noqa: F401

        spark = self.sparkSession
        metadata = DefaultParamsReader.loadMetadata(path, spark)
        model = self.kind()
        model._resetUid(metadata["uid"])
        DefaultParamsReader.getAndSetParams(model, metadata)
        parts = spark.read.parquet(f"{path}/weights").orderBy("part").collect()
        model.weights = b"".join(bytes(row["content"]) for row in parts)
        return model


def _answering(
    opened: Callable[..., Any], spec: dict[str, Any], weights: bytes
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    digest = hashlib.sha256(json.dumps(spec).encode() + weights).hexdigest()

    def answered(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        import numpy as np
        import torch

        # The function is unpickled anew for every task; sys.modules stays as long as the worker.
        kept = sys.modules.setdefault(KEPT, types.ModuleType(KEPT)).__dict__
        networks = kept.setdefault("networks", {})
        if digest not in networks:
            networks[digest] = opened(spec, weights)
        network = networks[digest]
        for oldest in list(networks)[:-NETWORKS_KEPT]:
            del networks[oldest]

        def arrays(values: Any) -> Any:
            lists = values.double().numpy()
            offsets = np.arange(len(lists) + 1, dtype=np.int32) * lists.shape[1]
            return pa.ListArray.from_arrays(pa.array(offsets), pa.array(lists.reshape(-1)))

        for batch in batches:
            rows = torch.from_numpy(batch.flatten().to_numpy(zero_copy_only=False).reshape(len(batch), -1).copy())
            with torch.inference_mode():
                scores, probabilities, predictions = network.answers(rows)
            classes = scores if probabilities is None else probabilities
            yield pa.StructArray.from_arrays(
                [arrays(scores), arrays(classes), pa.array(predictions.numpy())],
                names=["raw", "probability", "prediction"],
            )

    return answered
