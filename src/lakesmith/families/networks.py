"""What all networks share: how they learn, how they go on from another one, how many processes do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from lakesmith.errors import ConfigError
from lakesmith.families import Family, Fit, Fitted, TaskSort
from lakesmith.layers import Activation, Layer
from lakesmith.layers.batch_norm import BatchNorm
from lakesmith.schedules import AnySchedule, Schedule
from lakesmith.schedules.constant import Constant
from lakesmith.search import Space
from lakesmith.search.choice import Choice

Loss = Literal["auto", "cross_entropy", "squared_error", "absolute_error", "huber"]


class EarlyStopping(BaseModel):
    """When a trial stops learning: its metric on the validation rows has not become better for `patience` epochs."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    patience: int = Field(5, ge=1, description="Epochs without a better metric after which a trial stops.")
    min_delta: float = Field(0.0, ge=0, allow_inf_nan=False, description="By how much better it must be to count.")


class FineTuning(BaseModel):
    """A second part of the training, in which every layer learns, those of `base` too."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    epochs: int = Field(5, ge=1, description="How many epochs, after those of the first part.")
    learning_rate: float = Field(1e-4, gt=0, allow_inf_nan=False, description="The rate of all layers.")


class Network(Family):
    """A network of torch, learned batch by batch.

    In a trial it is measured after every epoch on the validation rows, and the epoch that was best there counts; the
    final fit on all training rows then learns for as many epochs. Numbers are standardized inside the network by their
    means and deviations in the training rows. `pip install 'lakesmith[deep]'`.
    """

    classic_only: ClassVar[str] = "its model is a Spark ML stage written in Python, which Spark Connect does not keep"

    learns_by_epochs: ClassVar[bool] = True
    settings: ClassVar[tuple[str, ...]] = ("base", "processes", "shards", "engine")
    sees_images: ClassVar[bool] = False

    activation: Activation = Field("relu", description="What each dense and convolution layer does with its sums.")
    loss: Loss = Field(
        "auto", description="What learning makes small. auto: cross_entropy for classes, squared_error for numbers."
    )
    optimizer: Literal["adamw", "adam", "sgd", "adadelta"] = Field(
        "adamw",
        description="How a gradient becomes a step; sgd has momentum, adadelta wants a learning_rate of about 1.",
    )
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Size of the steps.")
    momentum: float = Field(0.9, ge=0, lt=1, description="Share of the last step that sgd takes along.")
    weight_decay: float = Field(1e-4, ge=0, le=1, description="By how much each step shrinks the weights.")
    schedule: AnySchedule = Field(default_factory=lambda: Constant(), description="The learning rate over the epochs.")
    epochs: int = Field(20, ge=1, description="How often each row is seen, at most.")
    batch_size: int = Field(256, ge=1, description="Rows in a step, over all processes together.")
    early_stopping: EarlyStopping | Literal[False] = Field(
        default_factory=EarlyStopping, description="false: a trial learns for all its epochs, and the last one counts."
    )
    clip_gradients: float | None = Field(None, gt=0, description="Largest norm of a gradient; longer ones are cut.")
    embedding_size: int | None = Field(
        None, ge=1, le=512, description="Numbers for each category; left out: 1.6 × categories^0.56, at most 50."
    )
    base: str | None = Field(
        None,
        description="A network to go on from: `models:/<name>@<alias>`, `models:/<name>/<version>`, or a file "
        "(relative to the data, as sources are) with a state dict of torch. All its layers but the head are taken.",
    )
    freeze: Literal["all", "none"] | Annotated[int, Field(ge=0)] = Field(
        "all", description="With base: how many of its layers, from the first, do not learn; `all` or `none` of them."
    )
    fine_tune: FineTuning | None = Field(None, description="With base: epochs after the others in which all learn.")
    processes: int = Field(1, ge=1, le=1024, description="Processes that learn together, each on its part of a batch.")
    shards: int | None = Field(
        None,
        ge=1,
        description="Parts of a batch, a multiple of processes; left out: one a process. With the same shards, any "
        "number of processes learns the same.",
    )
    engine: Literal["petastorm", "pyarrow"] | None = Field(
        None, description="What reads batches. Left out: petastorm where it is installed. Their order differs."
    )

    def params(self) -> dict[str, Any]:
        plain = self.model_dump(mode="json")
        return {name: plain[name] for name in self.parameters()}

    def check_sort(self, sort: TaskSort) -> None:
        super().check_sort(sort)
        if self.loss != "auto" and (self.loss == "cross_entropy") == (sort == "regression"):
            raise ConfigError(
                f"{self.loss} is no loss for a {sort} task", key="loss", fix="Leave it out: auto takes the usual one."
            )
        if self.base is None and (self.fine_tune is not None or self.freeze != "all"):
            key = "fine_tune" if self.fine_tune is not None else "freeze"
            raise ConfigError("there is no base to go on from", key=key, fix="Name one with `base`, or leave it out.")
        self._check_batches()
        self.schedule.check(self.epochs)

    def _check_batches(self) -> None:
        shards, searched = self.parts, self.space().get("batch_size")
        sizes = (self.batch_size, *(int(each) for each in (searched.grid() if isinstance(searched, Choice) else ())))
        key = "batch_size" if self.shards is None else "shards"
        if shards % self.processes or any(size % shards for size in sizes):
            raise ConfigError(
                f"batch_size {', '.join(map(str, sizes))}, shards {shards}, processes {self.processes}: a batch must "
                "divide into shards, and the shards among the processes",
                key=key,
                fix="Take numbers that divide.",
            )
        if self.standardizes_batches and min(sizes) == shards:
            raise ConfigError(
                "a shard has one row of each batch, which batch_norm cannot standardize", key=key, fix="Take more rows."
            )

    @property
    def standardizes_batches(self) -> bool:
        """Whether a layer does something to the rows of a batch together."""
        return any(isinstance(each, BatchNorm) for each in (*self.divided()[0], *self.divided()[1]))

    def space(self) -> dict[str, Space]:
        found = super().space()
        sizes = found.get("batch_size")
        if self.search is None and isinstance(sizes, Choice):  # its own: what does not divide is left out
            fit = tuple(each for each in sizes.values if int(each) % self.parts == 0)
            found["batch_size"] = Choice(values=fit) if fit else Choice(values=(self.batch_size,))
        return found

    @property
    def parts(self) -> int:
        """The shards of a batch."""
        return self.shards or self.processes

    @property
    def all_epochs(self) -> int:
        """Epochs of both parts of a training."""
        return self.epochs + (self.fine_tune.epochs if self.fine_tune is not None else 0)

    def rate(self, at: float) -> float:
        """The learning rate `at` epochs after the start."""
        if self.fine_tune is not None and at >= self.epochs:
            return self.fine_tune.learning_rate
        schedule: Schedule = self.schedule
        return self.learning_rate * schedule.factor(at, self.epochs)

    def divided(self) -> tuple[Sequence[Layer], Sequence[Layer]]:
        """The layers an image goes through, its flatten the last one, and those that all features go through."""
        raise NotImplementedError

    def changed(self, features: Any, spec: dict[str, Any]) -> Any:
        """Training rows as a step of learning sees them: tensor [rows, slots]."""
        return features

    def starts_from(self) -> str | None:
        return self.base

    def tasks_at_once(self, parallelism: int) -> int:
        return self.processes

    def fit(self, fit: Fit) -> Fitted:
        from lakesmith.deep.fitting import fitted

        return fitted(self, fit)

    @staticmethod
    def slot_weights(model: Any, size: int, vectors: Any) -> list[float]:
        from lakesmith.deep.importances import permuted

        return permuted(model, size, vectors)
