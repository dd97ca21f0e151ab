"""The features of a registered model as Python: one block a feature of the project, its stages in their order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lakesmith.columns import quote
from lakesmith.errors import ConfigError, DataError
from lakesmith.families import FEATURES
from lakesmith.features import Feature
from lakesmith.features.drafts import MISSING
from lakesmith.features.statements import finite, text_literal
from lakesmith.notebooks.learned import plain_call
from lakesmith.notebooks.names import Naming, outputs, owned_by
from lakesmith.notebooks.rendering import call, constructor, mapping, python, text
from lakesmith.notebooks.statements import columns_added, gold_columns, renamed
from lakesmith.piece import name_of
from lakesmith.pipelines import FeaturePlan, PlanPart
from lakesmith.wording import printable, shortened

LEARNED = "The numbers in it were learned from the training rows; they stay as they are when those change."
_BASE = re.compile(r"_lakesmith_c\d+")


@dataclass(frozen=True)
class Block:
    """The code of one feature, and the variables of its stages."""

    code: str
    stages: tuple[str, ...]


@dataclass
class FeatureWriter:
    """Writes the features of a plan that was fitted as `fitted` (stages of the registered model, in order).

    `uses` is told each (module, name) to import; `is_sampled` says that training rows were too many for exact medians.
    """

    features: Sequence[Feature]
    plan: FeaturePlan
    naming: Naming
    uses: Any
    is_sampled: bool = False

    def blocks(self, fitted: Sequence[Any]) -> list[Block]:
        """One block a feature, and one for the vector.

        Raises ConfigError (exit code 2) for a feature that cannot be written so that the numbers come out the same,
        DataError where the stages are not those of this plan.
        """
        pairs = list(_paired(self.plan, fitted))
        self._name(pairs)
        counts = Counter[str]()
        blocks = [self._block(part, stages, counts) for part, stages in pairs]
        inputs = [renamed(each.column, self.naming.names) for each in self.plan.slots]
        output = text(self.naming.names[FEATURES])
        given = [("inputCols", python(inputs)), ("outputCol", output), ("handleInvalid", '"keep"')]
        assembler = call("VectorAssembler", given)
        self.uses("pyspark.ml.feature", "VectorAssembler")
        last = Block(f"# All of them in one vector; what is missing is NaN in it.\nvector = {assembler}", ("vector",))
        return [*(each for each in blocks if each.stages), last]

    def _name(self, pairs: Sequence[tuple[PlanPart, list[tuple[Any, list[Any]]]]]) -> None:
        hashers = [each for part, _ in pairs for each in part.stages if type(each).__name__ == "FeatureHasher"]
        self.naming.keep(column for each in hashers for column in each.getInputCols())
        for part, stages in pairs:
            kind = self._kind(part)
            for column, sql in part.rows.items():
                self.naming.of_row(column, sql, kind, _suffix(sql))
            for _, found in stages:
                for each in found:
                    self.naming.of_stage(each, kind)

    def _block(self, part: PlanPart, stages: list[tuple[Any, list[Any]]], counts: Counter[str]) -> Block:
        kind, lines, variables = self._kind(part), self._told(part), list[str]()

        def add(made: str) -> None:
            counts[kind] += 1
            variables.append(f"{kind}_{counts[kind]}")
            lines.append(f"{variables[-1]} = {made}")

        if part.rows:
            add(self._adding(part.rows))
        for planned, found in stages:
            self._refuse(part, planned)
            calls = plain_call(planned, self.naming.names, self.uses, is_sampled=self.is_sampled)
            if calls is not None:
                for each in calls:
                    add(each)
                continue
            if planned not in found:  # a learner's: what it has learned stands in the stages
                lines.append(f"# {LEARNED}")
            for each in found:
                add(self._written(each))
        return Block("\n".join(lines), tuple(variables))

    def _refuse(self, part: PlanPart, planned: Any) -> None:
        from lakesmith.features.learning.learner import OutOfFoldLearner

        if isinstance(planned, OutOfFoldLearner):
            kind = self._kind(part)
            raise ConfigError(
                f"'{kind}' gives training rows other values than rows that are scored (those of the other folds), "
                "which the stages of a plain pipeline cannot; a notebook would train on other numbers",
                key=f"features[{part.feature}].kind",
                fix="Use frequency, ordinal, woe or one_hot in its place, or work with the registered model.",
            )

        if type(planned).__module__.startswith("lakesmith_stages."):
            raise ConfigError(
                f"'{self._kind(part)}' is a stage that Spark has not; it goes with the model as source",
                key=f"features[{part.feature}].kind",
                fix="Work with the registered model, which opens without lakesmith.",
            )

    def _written(self, stage: Any) -> str:
        added = columns_added(stage.getStatement()) if hasattr(stage, "getStatement") else None
        if added is not None:
            return self._adding(added)
        return constructor(stage, self._renamed, self.uses)

    def _adding(self, columns: dict[str, str]) -> str:
        """The columns as a call of the plain function `adding`, numbers and categories by their own functions."""
        named = {self.naming.names[name]: sql for name, sql in columns.items()}
        return call("adding", [("", mapping(named, self._sql))])

    def _sql(self, sql: str) -> str:
        shape, inner = shaped(sql)
        written = text(renamed(inner, self.naming.names))
        return f"{shape}({written})" if shape else written

    def _renamed(self, value: Any) -> Any:
        if isinstance(value, str):
            return renamed(value, self.naming.names)
        return [self._renamed(each) for each in value] if isinstance(value, list) else value

    def _kind(self, part: PlanPart) -> str:
        return name_of(self.features[part.feature]) if part.feature is not None else "fill"

    def _told(self, part: PlanPart) -> list[str]:
        """Comments: which piece of the project file it is, and what it does."""
        if part.feature is None:
            return ["# The family cannot take missing numbers: what no feature filled gets the training median."]
        piece = self.features[part.feature]
        does = " ".join((type(piece).__doc__ or "").strip().split("\n\n")[0].split())
        return [f"# features[{part.feature}]: {yaml_of(piece)}", *(f"# {line}" for line in _lines(does))]


def yaml_of(piece: Any) -> str:
    """The piece as one line of YAML, what is not set left out; safe inside a comment."""
    import yaml

    given = piece.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    flow = yaml.safe_dump(
        {"kind": name_of(piece), **given},
        default_flow_style=True,
        sort_keys=False,
        width=float("inf"),
        allow_unicode=True,
    )
    return shortened(printable(" ".join(flow.split())), 300)


def _lines(words: str, width: int = 110) -> list[str]:
    import textwrap

    return textwrap.wrap(words, width)


def _suffix(sql: str) -> str | None:
    """number or category where the SQL is just that of one column of gold."""
    shape, inner = shaped(sql)
    columns = gold_columns(inner)
    return shape if len(columns) == 1 and (shape == "category" or inner == quote(columns[0])) else None


def shaped(sql: str) -> tuple[str | None, str]:
    """What the SQL is, and of what: a `number` or a `category` of a value; else (None, the SQL itself)."""
    ending = f", {text_literal(MISSING)})"
    if sql.startswith("coalesce(") and sql.endswith(ending):
        return "category", sql.removeprefix("coalesce(").removesuffix(ending)
    start = finite("\0").partition("\0")[0]
    inner = sql[len(start) : len(start) + (len(sql) - len(finite(""))) // 2]  # it stands there twice
    return ("number", inner) if sql == finite(inner) else (None, sql)


def _paired(plan: FeaturePlan, fitted: Sequence[Any]) -> Iterator[tuple[PlanPart, list[tuple[Any, list[Any]]]]]:
    """Each part of the plan with its stages, and what they were when fitted: one stage, or all those of a learner."""
    from lakesmith.features.learning.learner import Learner

    left = list(fitted)
    _expect(plan.stages[0], left.pop(0))
    for part in plan.parts:
        pairs: list[tuple[Any, list[Any]]] = []
        for planned in part.stages:
            if not isinstance(planned, Learner):
                _expect(planned, left[0] if left else None)
                pairs.append((planned, [planned]))
                left.pop(0)
                continue
            own, found = owned_by(planned), list[Any]()
            while left and _is_of(left[0], own):
                found.append(left.pop(0))
            pairs.append((planned, found))
        yield part, pairs
    _expect(plan.stages[-1], left.pop(0) if left else None)
    if left:
        raise _strange(type(left[0]).__name__)


def _is_of(stage: Any, own: set[str]) -> bool:
    """Whether a learner with these columns has made the stage: it may put a letter behind a name of its own."""
    made = [_BASE.match(each) for each in outputs(stage)]
    return bool(made) and all(each is not None and each[0] in own for each in made)


def _expect(planned: Any, found: Any) -> None:
    is_same = type(planned).__name__.removesuffix("Model") == type(found).__name__.removesuffix("Model")
    if is_same and hasattr(planned, "getStatement"):
        is_same = planned.getStatement() == found.getStatement()
    elif is_same:
        is_same = outputs(planned) == outputs(found)
    if not is_same:
        raise _strange(type(found).__name__)


def _strange(name: str) -> DataError:
    return DataError(
        f"the version's stages are not those that this lakesmith makes of its features (at a {name})",
        fix="It was trained by another release: run the stage `train` again.",
    )
