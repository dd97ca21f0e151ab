"""Project: the pieces composed. This class is the table of contents of a project file, in the order data flows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from lakesmith import yaml_file
from lakesmith.cleaning import AnyCleaningStep
from lakesmith.derivations import AnyDerivation
from lakesmith.errors import ConfigError, located
from lakesmith.expressions import Expression
from lakesmith.families import AnyFamily
from lakesmith.features import AnyFeature
from lakesmith.gates import AnyGate
from lakesmith.mistakes import validation_errors
from lakesmith.resampling import AnyResampling
from lakesmith.sources import AnySource
from lakesmith.splits import AnySplit, RowFacts
from lakesmith.tasks import AnyTask
from lakesmith.tuning_settings import Tuning

TABLE_NAME = r"^[a-z][a-z0-9_]{0,62}$"
TableName = Annotated[str, Field(pattern=TABLE_NAME)]
ColumnName = Annotated[str, Field(min_length=1, max_length=255)]


class Derive(BaseModel):
    """How gold is made: the silver table it starts from, and what is added to it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    source: TableName | None = Field(None, alias="from", description="The silver table with one row per key.")
    steps: tuple[AnyDerivation, ...] = Field((), description="Derivations, applied in this order.")


class Scoring(BaseModel):
    """Which rows of gold the champion scores."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    where: Expression | None = Field(None, description="Score only rows for which this is true; left out: all rows.")


class Project(BaseModel):
    """One YAML file: where raw data is, what happens to it, what is learned from it, and what counts as good."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    name: TableName = Field(description="Names the model, the tables and the report: lower-case letters, digits, _.")
    description: str = Field("", description="One sentence for the report.")
    sources: dict[TableName, AnySource] = Field(min_length=1, description="Raw tables by name.")
    clean: dict[TableName, tuple[AnyCleaningStep, ...]] = Field(
        default_factory=dict, description="Cleaning steps by source, applied in this order."
    )
    derive: Derive = Field(default_factory=Derive, description="From silver to gold.")
    key: tuple[ColumnName, ...] = Field(min_length=1, description="Columns that identify a row of gold; never null.")
    time: ColumnName | None = Field(None, description="Timestamp column of gold: when the prediction is due.")
    group: ColumnName | None = Field(None, description="Column naming the entity several rows belong to.")
    weight: ColumnName | None = Field(None, description="Numeric column with the weight of a row in training.")
    task: AnyTask = Field(description="What is predicted.")
    split: AnySplit = Field(description="Which rows train and which judge.")
    features: tuple[AnyFeature, ...] = Field(min_length=1, description="What the model sees, learned on train rows.")
    resample: tuple[AnyResampling, ...] = Field(
        (), description="How training rows are drawn anew, in this order, in every fold and for the final fit."
    )
    families: tuple[AnyFamily, ...] = Field(min_length=1, description="Models tried against one another.")
    tune: Tuning = Field(default_factory=Tuning, description="How candidates are searched and compared.")
    gates: tuple[AnyGate, ...] = Field((), description="What a challenger must show to become champion.")
    score: Scoring = Field(default_factory=Scoring, description="Which rows are scored.")
    seed: int = Field(0, ge=0, lt=2**31, description="Seed of every draw.")

    _document: yaml_file.Document | None = PrivateAttr(None)
    _path: Path | None = PrivateAttr(None)

    @field_validator("clean")
    @classmethod
    def _known_sources(cls, clean: dict[str, Any], info: Any) -> dict[str, Any]:
        known = info.data.get("sources", {})
        for name in clean:
            if known and name not in known:
                raise ValueError(f"'{name}' is not a source; sources: {', '.join(known)}")
        return clean

    @property
    def path(self) -> Path | None:
        """The file the project was loaded from; None when it was built in Python."""
        return self._path

    @property
    def base(self) -> str:
        """The silver table gold starts from: `derive.from`, or the only source."""
        if self.derive.source is not None:
            return self.derive.source
        if len(self.sources) > 1:
            raise ConfigError(
                "several sources and no `from`", key="derive.from", fix=f"Name one of: {', '.join(self.sources)}."
            )
        return next(iter(self.sources))

    @property
    def facts(self) -> RowFacts:
        """The columns splits, fold plans and features must know of."""
        return RowFacts(key=self.key, label=self.task.label, time=self.time, group=self.group)

    def located(self, prefix: str) -> AbstractContextManager[None]:
        """Errors raised inside name the file, the line and the key from `prefix` on."""
        return located(prefix, self.place)

    def place(self, key: str) -> str:
        """`file:line` of a dotted key; "" when the project was built in Python."""
        return str(self._document.place(key)) if self._document is not None else ""

    def resolved(self) -> dict[str, Any]:
        """Every key with its value, defaults included, as plain values that validate to the same project."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def load(path: str | Path, sets: Sequence[str] = ()) -> Project:
    """The project of a YAML file, `sets` (`a.b=c`) applied over it, checked as far as it can be without data.

    Raises ConfigError, or ConfigErrors for several mistakes, with file, line, key, what was found and what to do.
    """
    from lakesmith.checks import check

    document = yaml_file.read(Path(path))
    document = yaml_file.set_values(document, sets) if sets else document
    try:
        project = Project.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        raise validation_errors(error, document, Project) from None
    project._document = document
    project._path = Path(path)
    check(project)
    return project


def json_schema() -> dict[str, Any]:
    """JSON Schema of a project file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Project.model_json_schema(by_alias=True)}
