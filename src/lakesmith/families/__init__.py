"""Families: the kinds of model a project may train, each with its defaults and its own search space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationError, model_validator

from lakesmith.errors import ConfigError, nearest
from lakesmith.piece import Catalogue, Piece
from lakesmith.search import AnySpace, Space

if TYPE_CHECKING:
    from pyspark.ml import Estimator, Transformer
    from pyspark.sql import DataFrame

    from lakesmith.features import Feature, Slot

TaskSort = str  # a task's `sort`: regression, binary, multiclass, or what a later task calls itself
FEATURES = "_lakesmith_features"  # vector
LABEL = "_lakesmith_label"  # double: the value, or the index of the class
WEIGHT = "_lakesmith_weight"  # double
_NOT_PARAMETERS = ("kind", "search")


@dataclass(frozen=True)
class Watch:
    """The rows a trial is judged on while it learns, the judge of them, and who is told of each epoch.

    `judge(label, prediction, probability)` of arrays gives the trial's metric. `report(epoch, metric, is_over)` is told
    of it after every epoch, counted from 1 and the last one being over; of one twice where a fit is begun anew. It
    raises where the trial is to end.
    """

    validation: DataFrame
    judge: Callable[[Any, Any, Any], float]
    greater_is_better: bool
    report: Callable[[int, float, bool], None]


@dataclass(frozen=True)
class Fit:
    """What a family learns from: rows with FEATURES, LABEL and, if weighted, WEIGHT, cached.

    `slots()` says of each number of FEATURES where it comes from. `folder` is for files of this fit and of others on
    the same rows, and the same after a kill. `watch` belongs to a trial, `epochs` to a final fit: how long the trial
    that was chosen had learned. `base` is the file of the network that `starts_from` names, `earlier` the model of the
    step before where a family is fitted in steps. `say` takes a line of progress.
    """

    vectors: DataFrame
    sort: TaskSort
    classes: int = 0
    is_weighted: bool = False
    parallelism: int = 1
    seed: int = 0
    slots: Callable[[], tuple[Slot, ...]] = tuple
    folder: Path | None = None
    watch: Watch | None = None
    epochs: int | None = None
    base: Path | None = None
    earlier: Any | None = None
    say: Callable[[str], None] = lambda _line: None


@dataclass(frozen=True)
class Fitted:
    """A model, and for a family that learns by epochs how many of them are in it and the loss after each."""

    model: Transformer
    epochs: int | None = None
    losses: tuple[float, ...] = ()


class Family(Piece):
    """A kind of model. Its fields are its hyperparameters; `search` says which of them a search may change, and how.

    `sorts` are the tasks it can do, `accepts_missing` says whether its vectors may hold NaN, `learns_by_epochs` whether
    a trial finds out how long to learn. `settings` are fields that are no hyperparameters: the same for all trials,
    never searched.
    """

    sorts: ClassVar[tuple[TaskSort, ...]] = ("regression", "binary", "multiclass")
    accepts_missing: ClassVar[bool] = False
    learns_by_epochs: ClassVar[bool] = False
    settings: ClassVar[tuple[str, ...]] = ()

    search: dict[str, AnySpace] | None = Field(
        None,
        description="Parameter → search space. Left out: the family's own search space; `{}`: nothing is searched.",
    )

    @classmethod
    def own_search(cls) -> dict[str, Space]:
        """The search space used where the project file gives none."""
        return {}

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        """The names of its hyperparameters."""
        return tuple(name for name in cls.model_fields if name not in (*_NOT_PARAMETERS, *cls.settings))

    @model_validator(mode="after")
    def _search_names_parameters(self) -> Self:
        for name in self.search or {}:
            if name not in self.parameters():
                raise ValueError(f"search: '{name}' is not a parameter. {nearest(name, self.parameters())}")
        return self

    def space(self) -> dict[str, Space]:
        """The search space in force: `search` where given, else the family's own."""
        return dict(self.search) if self.search is not None else self.own_search()

    def params(self) -> dict[str, Any]:
        """Parameter → value."""
        return {name: getattr(self, name) for name in self.parameters()}

    def with_params(self, params: Mapping[str, Any]) -> Self:
        """A copy with some parameters changed; 3.0 is taken for 3. Raises ConfigError for an unknown name or a value
        that the parameter cannot have (key = the parameter)."""
        for name in params:
            if name not in self.parameters():
                raise ConfigError(
                    f"'{name}' is not a parameter of {self.__class__.__name__}",
                    key=name,
                    fix=nearest(name, self.parameters()),
                )
        try:
            changed = type(self).model_validate({**self.params(), **params})
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(f"{first['msg']}; found {first['input']!r}", key=str(first["loc"][0])) from error
        return changed.model_copy(update={name: getattr(self, name) for name in ("search", *self.settings)})

    def check_sort(self, sort: TaskSort) -> None:
        """Raises ConfigError (key = kind) when the family cannot do the task."""
        if sort not in self.sorts:
            raise ConfigError(
                f"{self.__class__.__name__} cannot do a {sort} task, only {', '.join(self.sorts)}",
                key="kind",
                fix=self.instead(sort),
            )

    def instead(self, sort: TaskSort) -> str:
        """What to use for a task this family cannot do."""
        return "Use another family."

    def check_features(self, features: Sequence[Feature]) -> None:
        """Raises ConfigError (key = own field) when the family cannot learn from such features. Pure Python."""

    def starts_from(self) -> str | None:
        """The address of a model that this one goes on from, None for one that begins anew."""
        return None

    def fit(self, fit: Fit) -> Fitted:
        """The family's model, learned from the rows; `check_sort` has been asked."""
        made = self.estimator(
            fit.sort, classes=fit.classes, weight=fit.is_weighted, parallelism=fit.parallelism, seed=fit.seed
        )
        return Fitted(self.fitted(made, fit.vectors, fit.earlier))

    def estimator(
        self, sort: TaskSort, *, classes: int = 0, weight: bool = False, parallelism: int = 1, seed: int = 0
    ) -> Estimator[Any]:
        """The stock estimator: reads FEATURES, LABEL and, with `weight`, WEIGHT; its model writes `prediction` and,
        for classes, `probability` and `rawPrediction`. `classes` is the number of classes, 0 for regression;
        `parallelism` the number of tasks that can run at once."""
        raise NotImplementedError

    def steps(self) -> tuple[Self, ...]:
        """The fits that follow one another where the family is fitted in steps, each the family as that step fits it;
        () where a fit is one piece. After each the model so far can be judged."""
        return ()

    def fitted(self, estimator: Any, vectors: DataFrame, earlier: Any | None = None) -> Any:
        """The model that an estimator learns; of a later step one that goes on from the `earlier` model."""
        return estimator.fit(vectors)

    def tasks_at_once(self, parallelism: int) -> int:
        """How many tasks of a fit must run at the same time; 1 where each may run when there is room for it."""
        return 1

    @staticmethod
    def slot_weights(model: Any, size: int, vectors: DataFrame | None) -> list[float]:
        """How much each of the vector's `size` slots matters to a fitted model, ≥ 0, not normalised.

        `vectors` holds FEATURES of training rows, for families that need to know how much each slot varies. For
        Spark's trees: mean decrease of impurity.
        """
        return [float(each) for each in model.featureImportances.toArray()]


def columns_of(weight: bool) -> dict[str, Any]:
    """The column parameters that every estimator takes."""
    columns: dict[str, Any] = {"featuresCol": FEATURES, "labelCol": LABEL}
    return {**columns, "weightCol": WEIGHT} if weight else columns


FAMILIES: Catalogue[Family] = Catalogue(Family)
AnyFamily = Annotated[Family, FAMILIES]
