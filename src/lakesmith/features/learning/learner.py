"""Learner: an estimator of ours that gives back stock transformers and tells what it found."""

# ruff: noqa: TID253 (imported by a feature only when it compiles)

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.ml import Estimator, PipelineModel, Transformer
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame

from lakesmith.features import ON_TRAINING
from lakesmith.features.statements import select

Note = str | Callable[[PipelineModel], str]


class Learner(Estimator[Transformer]):
    """Learns from the frame handed to `fit` and from nothing else; fitted, it is a stock transformer.

    Notes for the report ride on the fitted transformer as the attribute `_lakesmith_notes`; one that needs the names
    of slots is a function of the whole fitted pipeline.
    """

    def learn(self, dataset: DataFrame) -> tuple[Sequence[Transformer], Sequence[Note]]:
        """The stock transformers, and notes."""
        raise NotImplementedError

    def _fit(self, dataset: DataFrame) -> Transformer:
        stages, notes = self.learn(dataset)
        model = stages[0] if len(stages) == 1 else PipelineModel(list(stages))
        model._lakesmith_notes = tuple(notes)  # type: ignore[attr-defined]
        return model


class OutOfFoldLearner(Learner):
    """A learner that has seen the label: the rows it was fitted on get something else than the rows that are scored.

    Fitted, it carries that as the attribute ON_TRAINING (see `folds.fitted_features`).
    """

    def learn_both(
        self, dataset: DataFrame
    ) -> tuple[Sequence[Transformer], Sequence[str], Callable[[DataFrame], DataFrame]]:
        """The stock transformers, notes, and what takes their place on the training rows."""
        raise NotImplementedError

    def _fit(self, dataset: DataFrame) -> Transformer:
        stages, notes, on_training = self.learn_both(dataset)
        model = stages[0] if len(stages) == 1 else PipelineModel(list(stages))
        model._lakesmith_notes = tuple(notes)  # type: ignore[attr-defined]
        setattr(model, ON_TRAINING, on_training)
        return model


def adding(columns: dict[str, str]) -> SQLTransformer:
    """The transformer that adds `columns` (internal name → SQL)."""
    return SQLTransformer(statement=select(columns))


def listed(names: Sequence[str], shown: int = 8) -> str:
    """`a, b, c and 12 more`"""
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
