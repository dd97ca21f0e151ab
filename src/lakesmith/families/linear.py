"""Linear and logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lakesmith.families import FEATURES, Family, TaskSort, columns_of
from lakesmith.search import Space

if TYPE_CHECKING:
    from pyspark.ml import Estimator
    from pyspark.sql import DataFrame


class Linear(Family):
    """Linear regression for numbers, logistic regression for classes, with elastic-net regularization (Spark ML).

    Slots are standardized inside, so the penalty treats them alike. Importance: |coefficient| × standard deviation.
    """

    kind: Literal["linear"] = "linear"
    reg_param: float = Field(0.01, ge=0, allow_inf_nan=False, description="Strength of the penalty; 0 is none.")
    elastic_net_param: float = Field(0.0, ge=0, le=1, description="0 is ridge (L2), 1 is lasso (L1).")
    max_iter: int = Field(100, ge=1, description="Largest number of iterations.")

    @classmethod
    def own_search(cls) -> dict[str, Space]:
        from lakesmith.search.loguniform import LogUniform
        from lakesmith.search.uniform import Uniform

        return {"reg_param": LogUniform(low=1e-5, high=1.0), "elastic_net_param": Uniform(low=0.0, high=1.0)}

    def estimator(
        self, sort: TaskSort, *, classes: int = 0, weight: bool = False, parallelism: int = 1, seed: int = 0
    ) -> Estimator[Any]:
        from pyspark.ml.classification import LogisticRegression
        from pyspark.ml.regression import LinearRegression

        penalty: dict[str, Any] = {
            "regParam": self.reg_param, "elasticNetParam": self.elastic_net_param, "maxIter": self.max_iter,
        }  # fmt: skip
        if sort == "regression":
            return LinearRegression(**columns_of(weight), **penalty)
        kind = "binomial" if sort == "binary" else "multinomial"
        return LogisticRegression(**columns_of(weight), **penalty, family=kind)

    @staticmethod
    def slot_weights(model: Any, size: int, vectors: DataFrame | None) -> list[float]:
        import numpy as np

        is_matrix = hasattr(model, "coefficientMatrix")
        sizes = np.abs(model.coefficientMatrix.toArray() if is_matrix else [model.coefficients.toArray()]).mean(axis=0)
        return [float(each) for each in (sizes if vectors is None else sizes * _stddevs(vectors))]


def _stddevs(vectors: DataFrame) -> Any:
    from pyspark.ml.stat import Summarizer
    from pyspark.sql import functions as F

    row = vectors.select(Summarizer.std(F.col(FEATURES)).alias("std")).first()
    return row["std"].toArray() if row is not None else 0.0
