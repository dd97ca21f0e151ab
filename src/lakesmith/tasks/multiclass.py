"""Multiclass: which of up to 100 classes the label will be, with the probability of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from lakesmith.errors import TrainingError
from lakesmith.metrics.cells import INVALID, LEFT_OUT, EvaluationTable
from lakesmith.tasks import Answers, Baseline, Outcome, Target, Task
from lakesmith.tasks.classes import balanced, class_counts, class_index, class_name
from lakesmith.tasks.panels import multiclass_panels

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

MOST_CLASSES = 100
EPSILON = float(np.finfo(np.float64).eps)


class Multiclass(Task):
    """Predict the label's class, with a probability for each class."""

    kind: Literal["multiclass"] = "multiclass"
    balance: bool = Field(
        False,
        description="Weigh rows so that all classes count alike in training. Probabilities are then no longer those "
        "of the data.",
    )

    sort: ClassVar = "multiclass"
    default_metric: ClassVar = "log_loss"
    measures: ClassVar = ("log_loss",)
    spread_bins: ClassVar = 1
    prediction_columns: ClassVar[Mapping[str, str]] = {
        "prediction": "string",
        "probability": "double",
        "probabilities": "map<string,double>",
    }

    def target(self, train: DataFrame) -> Target:
        counts = class_counts(train, self.label, most=MOST_CLASSES)
        if len(counts.values) > MOST_CLASSES:
            raise TrainingError(
                f"label '{self.label}' has more than {MOST_CLASSES} classes among the training rows: {counts.told()}",
                key="label",
                fix="Use `kind: regression` for a number, or group rare classes (`clean`: map_values).",
            )
        found = zip(counts.values, counts.texts, counts.rows, strict=True)
        ordered = sorted(found, key=lambda each: each[0])  # type: ignore[arg-type,return-value]
        return Target(
            sort=self.sort,
            label=self.label,
            rows=sum(counts.rows),
            unlabelled=counts.null_rows,
            classes=tuple(text for _, text, _ in ordered),
            counts=tuple(rows for _, _, rows in ordered),
        )

    def encoded(self, target: Target) -> Column:
        return class_index(self.label, target.classes)

    def balance_weight(self, target: Target) -> Column | None:
        return balanced(self.encoded(target), target.counts) if self.balance else None

    def baseline(self, target: Target) -> Baseline:
        largest = int(np.argmax(target.counts))
        told = f"the largest class, '{target.classes[largest]}', with the classes' shares among the training rows"
        return Baseline(told, float(largest), target.priors)

    def decoded(
        self, target: Target, prediction: Column, probability: Column | None, threshold: float | None
    ) -> dict[str, Column]:
        from pyspark.sql import functions as F

        if probability is None:
            raise ValueError("a multiclass model has a probability column")
        names = F.array(*[F.lit(text) for text in target.classes])
        return {
            "prediction": class_name(prediction, target.classes),
            "probability": F.get(probability, prediction.cast("int")),
            "probabilities": F.map_from_arrays(names, probability),
        }

    def outcome(self, answers: Answers[Column], bins: Mapping[str, int]) -> Outcome[Column]:
        from pyspark.sql import functions as F

        label, prediction = answers.label, answers.prediction
        true = F.get(answers.probabilities, label.cast("int"))
        is_valid = true.isNotNull() & ~F.isnan(true) & prediction.isNotNull()
        return Outcome(
            label=label.cast("int"),
            predicted=F.coalesce(prediction.cast("int"), F.lit(0)),
            score=true,
            bins={grain: F.when(is_valid, F.lit(0)).otherwise(INVALID) for grain in bins if grain != "level"},
            measures={"log_loss": -F.ln(F.least(F.greatest(true, F.lit(EPSILON)), F.lit(1 - EPSILON)))},
        )

    def outcome_of(self, answers: Answers[NDArray[Any]]) -> Outcome[NDArray[Any]]:
        index = np.nan_to_num(answers.label, nan=LEFT_OUT).astype(np.int64)
        true = np.take_along_axis(answers.probabilities, np.maximum(index, 0)[:, None], axis=1)[:, 0]
        bins = np.where(np.isnan(true), INVALID, 0)
        return Outcome(
            label=index,
            predicted=answers.prediction.astype(np.int64),
            score=true,
            bins={"fine": bins, "spread": bins},
            measures={"log_loss": -np.log(np.clip(true, EPSILON, 1 - EPSILON))},
        )

    def curves(self, table: EvaluationTable, model: str, *, shared: bool = False) -> dict[str, Any]:
        return multiclass_panels(table.cells(model, shared=shared), table.classes)
