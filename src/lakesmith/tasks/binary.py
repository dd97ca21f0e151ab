"""Binary: will the row's label be the positive value, with what probability, and from which score is that a yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from lakesmith.columns import quote
from lakesmith.errors import TrainingError
from lakesmith.metrics.cells import INVALID, LEFT_OUT, EvaluationTable
from lakesmith.tasks import Answers, Baseline, Outcome, Target, Task, coarser
from lakesmith.tasks.classes import balanced, class_counts, class_index, class_name, is_same
from lakesmith.tasks.panels import best_threshold, binary_panels

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

# Bins are equal steps on the mean of two scales, the probability and its log-odds: fine where scores of rare events
# crowd near 0, and no coarser than half of plain equal steps anywhere.
LOG_ODDS = 20.0
LEAST = float(1 / (1 + np.exp(LOG_ODDS)))
EPSILON = float(np.finfo(np.float64).eps)


class Binary(Task):
    """Predict whether the label is the positive value, with a probability."""

    kind: Literal["binary"] = "binary"
    positive: StrictBool | StrictInt | StrictFloat | StrictStr = Field(
        True, description="The value of the label that counts as positive; its probability is the score."
    )
    threshold: Literal["f1", "youden"] | float = Field(
        "f1",
        description="From which score a row is predicted positive: a number in [0, 1], or the score that is best for "
        "F1 or for Youden's J (recall + specificity - 1) on validation rows.",
    )
    balance: bool = Field(
        False,
        description="Weigh rows so that both classes count alike in training. Probabilities are then no longer those "
        "of the data.",
    )

    sort: ClassVar = "binary"
    default_metric: ClassVar = "roc_auc"
    measures: ClassVar = ("log_loss", "squared_error", "score")
    prediction_columns: ClassVar[Mapping[str, str]] = {"prediction": "string", "probability": "double"}

    def target(self, train: DataFrame) -> Target:
        counts = class_counts(train, self.label, most=6)
        if len(counts.values) > 2:
            raise TrainingError(
                f"label '{self.label}' has more than two values among the training rows: {counts.told()}",
                key="label",
                fix="Use `kind: multiclass`, or derive a label with two values (`derive`: add_columns).",
            )
        matches = [position for position, value in enumerate(counts.values) if is_same(value, self.positive)]
        if not matches:
            raise TrainingError(
                f"positive value {self.positive!r} does not occur in label '{self.label}', which has {counts.told()}",
                key="positive",
                fix=f"Set `positive` to one of the two, for instance `positive: {_as_yaml(counts.values[-1])}`.",
            )
        order = (1 - matches[0], matches[0])
        return Target(
            sort=self.sort,
            label=self.label,
            rows=sum(counts.rows),
            unlabelled=counts.null_rows,
            classes=tuple(counts.texts[each] for each in order),
            counts=tuple(counts.rows[each] for each in order),
        )

    def encoded(self, target: Target) -> Column:
        return class_index(self.label, target.classes)

    def label_number(self, gold: DataFrame) -> Column | None:
        from pyspark.sql import functions as F
        from pyspark.sql import types as t

        label, found = F.col(quote(self.label)), gold.schema[self.label].dataType
        if isinstance(self.positive, str):
            return (label == self.positive).cast("double") if isinstance(found, t.StringType) else None
        is_number = isinstance(found, t.NumericType | t.BooleanType)
        return (label.cast("double") == float(self.positive)).cast("double") if is_number else None

    def balance_weight(self, target: Target) -> Column | None:
        return balanced(self.encoded(target), target.counts) if self.balance else None

    def baseline(self, target: Target) -> Baseline:
        negative, positive = target.priors
        told = f"the share of '{target.classes[1]}' among the training rows ({positive:.4g}) for every row"
        return Baseline(told, float(positive > negative), (negative, positive))

    def decoded(
        self, target: Target, prediction: Column, probability: Column | None, threshold: float | None
    ) -> dict[str, Column]:
        from pyspark.sql import functions as F

        if probability is None:
            raise ValueError("a binary model has a probability column")
        score = F.get(probability, F.lit(1))
        index = prediction if threshold is None else (score >= threshold).cast("double")
        return {"prediction": class_name(index, target.classes), "probability": score}

    def chosen_threshold(self, table: EvaluationTable, model: str) -> float:
        """The declared number, or the score of these rows from which predicting positive is best.

        Raises TrainingError when the rows are of one class only, so that nothing can be chosen.
        """
        if isinstance(self.threshold, str):
            return best_threshold(table.cells(model), self.threshold)
        return float(self.threshold)

    def outcome(self, answers: Answers[Column], bins: Mapping[str, int]) -> Outcome[Column]:
        from pyspark.sql import functions as F

        label, score = answers.label, F.get(answers.probabilities, F.lit(1))
        predicted = _is_positive(answers, score).cast("int")
        is_valid = score.isNotNull() & ~F.isnan(score) & predicted.isNotNull()
        inner = F.least(F.greatest(score, F.lit(LEAST)), F.lit(1 - LEAST))
        scale = (inner + (F.ln(inner / (1 - inner)) + LOG_ODDS) / (2 * LOG_ODDS)) / 2
        true = F.when(label == 1.0, score).otherwise(1 - score)
        return Outcome(
            label=label.cast("int"),
            predicted=F.coalesce(predicted, F.lit(0)),
            score=score,
            bins={
                grain: F.when(is_valid, F.least(F.floor(scale * size), F.lit(size - 1))).otherwise(INVALID)
                for grain, size in bins.items()
                if grain != "level"
            },
            measures={
                "log_loss": -F.ln(F.least(F.greatest(true, F.lit(EPSILON)), F.lit(1 - EPSILON))),
                "squared_error": (score - label) * (score - label),
                "score": score,
            },
        )

    def outcome_of(self, answers: Answers[NDArray[Any]]) -> Outcome[NDArray[Any]]:
        label, score = answers.label, answers.probabilities[:, 1]
        ranks = np.unique(score, return_inverse=True)[1]
        invalid = np.isnan(score)
        true = np.where(label == 1.0, score, 1 - score)
        return Outcome(
            label=np.nan_to_num(label, nan=LEFT_OUT).astype(np.int64),
            predicted=_is_positive(answers, score).astype(np.int64),
            score=score,
            bins={
                "fine": np.where(invalid, INVALID, ranks),
                "spread": np.where(invalid, INVALID, coarser(ranks)),
            },
            measures={
                "log_loss": -np.log(np.clip(true, EPSILON, 1 - EPSILON)),
                "squared_error": (score - label) ** 2,
                "score": score,
            },
        )

    def curves(self, table: EvaluationTable, model: str, *, shared: bool = False) -> dict[str, Any]:
        return binary_panels(table.cells(model, shared=shared), table.classes)


def _as_yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)


def _is_positive(answers: Answers[Any], score: Any) -> Any:
    """The predicted class as a boolean, column or array: by the threshold where there is one, else by the model."""
    return answers.prediction == 1.0 if answers.threshold is None else score >= answers.threshold
