"""Gradient-boosted trees of xgboost, trained inside Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field

from lakesmith.families import Family, TaskSort, columns_of
from lakesmith.search import Space

if TYPE_CHECKING:
    from pyspark.ml import Estimator
    from pyspark.sql import DataFrame


class Xgboost(Family):
    """Gradient-boosted trees (xgboost.spark, histogram method, on CPUs). Takes missing values as they are.

    Needs classic compute: on Spark Connect and serverless it neither trains nor scores. The same rows in the same
    partitions with the same number of workers give the same model; other partitions may move it in the last digits.

    With `tune.early_termination` it is fitted in steps of `rounds_per_interval` trees, each of which goes on from the
    trees before, in every fold and for the final fit. That gives the very model of a fit in one piece where no rows and
    slots are drawn (subsample and colsample_bytree are 1); else every step draws by a seed of its own, and the two are
    models of equal worth with different trees.
    """

    kind: Literal["xgboost"] = "xgboost"
    accepts_missing: ClassVar[bool] = True
    settings: ClassVar[tuple[str, ...]] = ("rounds_per_interval",)
    classic_only: ClassVar[str] = "xgboost.spark starts its workers through RDDs and a SparkContext"
    n_estimators: int = Field(100, ge=1, description="Number of trees.")
    max_depth: int = Field(6, ge=1, le=30, description="Largest depth of a tree.")
    learning_rate: float = Field(0.3, gt=0, le=1, description="How much each tree counts.")
    subsample: float = Field(1.0, gt=0, le=1, description="Share of rows that each tree sees.")
    colsample_bytree: float = Field(1.0, gt=0, le=1, description="Share of slots that each tree sees.")
    min_child_weight: float = Field(1.0, ge=0, allow_inf_nan=False, description="Least weight in a leaf.")
    reg_lambda: float = Field(1.0, ge=0, allow_inf_nan=False, description="L2 penalty on leaf values.")
    reg_alpha: float = Field(0.0, ge=0, allow_inf_nan=False, description="L1 penalty on leaf values.")
    max_bins: int = Field(256, ge=2, description="Histogram bins for each slot.")
    rounds_per_interval: int = Field(
        10, ge=1, description="Trees between two looks of `tune.early_termination`; of no effect without it."
    )
    workers: int | None = Field(
        None, ge=1, description="Tasks that train together. Left out: as many as run at once, up to 64."
    )

    @classmethod
    def own_search(cls) -> dict[str, Space]:
        from lakesmith.search.loguniform import LogUniform
        from lakesmith.search.quniform import QUniform
        from lakesmith.search.uniform import Uniform

        return {
            "n_estimators": QUniform(low=50, high=300, q=50),
            "max_depth": QUniform(low=3, high=10, q=1),
            "learning_rate": LogUniform(low=0.03, high=0.5),
            "subsample": Uniform(low=0.6, high=1.0),
            "colsample_bytree": Uniform(low=0.5, high=1.0),
            "min_child_weight": LogUniform(low=0.5, high=50.0),
            "reg_lambda": LogUniform(low=0.1, high=30.0),
        }

    def estimator(
        self, sort: TaskSort, *, classes: int = 0, weight: bool = False, parallelism: int = 1, seed: int = 0
    ) -> Estimator[Any]:
        import logging

        # xgboost announces every fit on stderr unless its logger has a level already.
        logger = logging.getLogger("XGBoost-PySpark")
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.WARNING)
        columns = {_SNAKE[name]: column for name, column in columns_of(weight).items()}
        return _estimator_class(sort, classes)(**columns, **self._arguments(parallelism, seed))  # type: ignore[no-any-return]

    def steps(self) -> tuple[Self, ...]:
        step, trees = self.rounds_per_interval, self.n_estimators
        sizes = [min(step, trees - done) for done in range(0, trees, step)]
        return tuple(self.model_copy(update={"n_estimators": size}) for size in sizes)

    def fitted(self, estimator: Any, vectors: DataFrame, earlier: Any | None = None) -> Any:
        if earlier is None:
            return estimator.fit(vectors)
        booster = earlier.get_booster()
        done = booster.num_boosted_rounds()
        # By the same seed every step would draw the rows and slots of the first one again.
        seed = estimator.getOrDefault(estimator.random_state) + done
        model = estimator.fit(vectors, {estimator.xgb_model: booster, estimator.random_state: seed})
        model.clear(model.xgb_model)  # else the trees before would be saved beside the model, a second time
        model.set(model.n_estimators, done + estimator.getOrDefault(estimator.n_estimators))
        return model

    def tasks_at_once(self, parallelism: int) -> int:
        return self.workers if self.workers is not None else min(parallelism, 64)

    def _arguments(self, parallelism: int, seed: int) -> dict[str, Any]:
        own = {name: value for name, value in self.params().items() if name not in ("max_bins", "workers")}
        return {
            **own, "max_bin": self.max_bins, "num_workers": self.tasks_at_once(parallelism),
            "tree_method": "hist", "device": "cpu", "missing": float("nan"), "random_state": seed, "verbose": False,
            "verbosity": 0,  # else every worker announces itself on stderr, in the middle of the progress lines
        }  # fmt: skip

    @staticmethod
    def slot_weights(model: Any, size: int, vectors: DataFrame | None) -> list[float]:
        gains = model.get_booster().get_score(importance_type="total_gain")
        return [float(gains.get(f"f{slot}", 0.0)) for slot in range(size)]


_SNAKE = {"featuresCol": "features_col", "labelCol": "label_col", "weightCol": "weight_col"}


def _estimator_class(sort: TaskSort, classes: int) -> Any:
    from xgboost.spark import SparkXGBClassifier, SparkXGBRegressor

    if sort == "regression":
        return SparkXGBRegressor
    if sort == "binary":
        return SparkXGBClassifier

    class KnownClasses(SparkXGBClassifier):  # type: ignore[misc]
        """xgboost takes the number of different labels for the number of classes: wrong for rows that lack one."""

        def _get_distributed_train_params(self, dataset: DataFrame) -> dict[str, Any]:
            params: dict[str, Any] = super()._get_distributed_train_params(dataset)
            return {**params, "objective": "multi:softprob", "num_class": classes}

    return KnownClasses
