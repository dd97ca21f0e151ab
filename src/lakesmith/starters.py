"""A first project file for a table nobody has described yet: what a profile shows, written as YAML with the reasons."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from lakesmith.errors import DataError
from lakesmith.piece import name_of
from lakesmith.profile.profiles import Profile
from lakesmith.profile.results import ColumnProfile
from lakesmith.profile.suspicions import is_id_like
from lakesmith.sources import Source

TEST_SHARE = 0.8  # the time from which rows are test rows, as a share of all rows before it
MOST_ONE_HOT, MOST_CATEGORIES = 20, 5_000
MOST_LABELS = 100  # classes that the task multiclass takes
FLAGGED_NULLS = 0.01
MOST_LISTED = 60  # columns named one by one; beyond it a word for all of a sort and the exceptions
EVENT_NAMES = re.compile(r"(^|_)(time|timestamp|date|datetime|created|ordered|event|at|day)($|_)", re.I)
ENTITY_NAMES = re.compile(r"(^|[_ ])(id|key|customer|user|patient|client|account|member|store|device)$", re.I)
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
Sort = Literal["binary", "multiclass", "regression"]


@dataclass
class Chosen:
    """What each column is for; `left_out` is column → why."""

    key: str | None = None
    time: ColumnProfile | None = None
    group: str | None = None
    numbers: list[ColumnProfile] = field(default_factory=list)
    few: list[str] = field(default_factory=list)
    many: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def event_column(names_and_sorts: Iterable[tuple[str, str]], label: str) -> str | None:
    """The date or timestamp column that most likely says when a row happened; None where there is none."""
    times = [name for name, sort in names_and_sorts if sort in ("date", "timestamp") and name != label]
    return next((name for name in times if EVENT_NAMES.search(name)), times[0] if times else None)


def starter(name: str, source: Source, types: dict[str, str], found: Profile, unique: Sequence[str]) -> str:
    """The text of a project file that runs as it is. `types` are the source's columns, `unique` those without null
    and with a value of its own in every row. Raises DataError for a label without two values."""
    assert found.label is not None
    label = found.column(found.label)
    sort = task_sort(found, label)
    chosen = _chosen(found, unique)
    lines = [
        f"# Written by `lakesmith init` from {found.rows:,} rows. It runs as it is: read it, mend what it guessed.",
        f"name: {name}",
        *_source(name, source, types),
        *_clean(name, chosen, label, found),
        *_facts(chosen),
        *_task(sort, label, found),
        *_split(chosen, sort, label),
        *_features(chosen, found),
        *_models(sort),
    ]
    return "\n".join(lines) + "\n"


def task_sort(found: Profile, label: ColumnProfile) -> Sort:
    """Two classes, more of them, or a number. Raises DataError for a label with fewer than two values."""
    if (label.distinct or 0) < 2:
        raise DataError(f"'{label.name}' has {label.distinct or 0} different values: there is nothing to predict")
    if label.sort == "text" and (label.distinct or 0) > MOST_LABELS:
        raise DataError(
            f"'{label.name}' has {label.distinct:,} classes", fix=f"At most {MOST_LABELS} can be told apart."
        )
    if found.classes:
        return "binary" if len(found.classes) == 2 else "multiclass"
    if label.sort not in ("number", "integer"):
        raise DataError(
            f"'{label.name}' is {label.type}, which is no label", fix="Choose a number, a text or a boolean."
        )
    return "regression"


def _chosen(found: Profile, unique: Sequence[str]) -> Chosen:
    chosen = Chosen(key=next(iter(unique), None))
    leaks = {name: each.told for each in found.warnings if each.is_leak for name in each.columns}
    time = event_column([(each.name, each.sort) for each in found.columns], found.label or "")
    for column in found.columns:
        if column.name in (found.label, chosen.key):
            continue
        why = leaks.get(column.name) or _useless(column)
        if column.name == time and why is None and not column.nulls and (column.distinct or 0) >= 20:
            chosen.time = column
        elif why is not None:
            chosen.left_out[column.name] = why
        elif _is_entity(column, found.rows):
            chosen.group = chosen.group or column.name
            chosen.left_out[column.name] = "names an entity that several rows belong to"
        else:
            _as_feature(column, chosen)
    return chosen


def _useless(column: ColumnProfile) -> str | None:
    if column.sort == "other":
        return f"a {column.type.partition('<')[0]} is no feature by itself"
    if column.nulls == column.rows:
        return "has no value"
    if (column.distinct or 0) <= 1 and not column.nulls:
        return "has one value only"
    if is_id_like(column):
        return "is different in nearly every row, like an identifier"
    if column.sort == "text" and (column.distinct or 0) > MOST_CATEGORIES:
        return f"has {column.distinct:,} different texts"
    return None


def _is_entity(column: ColumnProfile, rows: int) -> bool:
    distinct = column.distinct or 0
    is_able = column.sort in ("text", "integer") and ENTITY_NAMES.search(column.name) is not None
    return is_able and 20 <= distinct <= rows / 1.5


def _as_feature(column: ColumnProfile, chosen: Chosen) -> None:
    if column.sort in ("number", "integer", "boolean"):
        chosen.numbers.append(column)
    elif column.sort in ("date", "timestamp"):
        chosen.dates.append(column.name)
    elif (column.distinct or 0) <= MOST_ONE_HOT:
        chosen.few.append(column.name)
    else:
        chosen.many.append(column.name)


def _source(name: str, source: Source, types: dict[str, str]) -> list[str]:
    given = source.model_dump(mode="json", exclude_defaults=True, exclude={"kind", "columns"})
    lines = ["sources:", f"  {name}:", f"    kind: {name_of(source)}"]
    lines += [f"    {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in given.items()]
    if name_of(source) in ("csv", "json"):
        lines.append("    columns:   # the narrowest types that fit the first 2,000 records")
        lines += [f"      {_word(column)}: {_word(type_)}" for column, type_ in types.items()]
    return lines


def _clean(name: str, chosen: Chosen, label: ColumnProfile, found: Profile) -> list[str]:
    steps = []
    if found.duplicates and chosen.key is not None:
        steps.append(f"    - {{kind: drop_duplicates}}   # {found.duplicates:,} rows repeat another one")
    if chosen.key is None:
        steps.append("    - {kind: add_key}   # no column is different in every row")
    return ["clean:", f"  {name}:", *steps] if steps else []


def _facts(chosen: Chosen) -> list[str]:
    lines = [f"key: [{_word(chosen.key or 'row_key')}]"]
    if chosen.time is not None:
        lines.append(f"time: {_word(chosen.time.name)}   # when a row happened: the newest rows judge the model")
    if chosen.group is not None:
        why = "belong together" if chosen.time is not None else "stay on one side of the split"
        lines.append(f"group: {_word(chosen.group)}   # rows of one of these {why}")
    return lines


def _task(sort: Sort, label: ColumnProfile, found: Profile) -> list[str]:
    if sort != "binary":
        return [f"task: {{kind: {sort}, label: {_word(label.name)}}}"]
    rare = min(label.top, key=lambda pair: pair[1])[0] if label.top else found.classes[1]
    if label.sort == "text":
        positive = json.dumps(rare, ensure_ascii=False)
    elif label.sort == "boolean":
        positive = "true" if float(rare) else "false"
    else:
        positive = f"{float(rare):g}" if label.sort == "integer" else repr(float(rare))
    return [f"task: {{kind: binary, label: {_word(label.name)}, positive: {positive}}}   # the rarer class"]


def _split(chosen: Chosen, sort: Sort, label: ColumnProfile) -> list[str]:
    if chosen.time is not None:
        begins = chosen.time.percentiles[f"{TEST_SHARE * 100:g}"]
        told = datetime.fromtimestamp(begins, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return ["split:", "  kind: time", f'  test_from: "{told}"   # the newest fifth of the rows']
    if chosen.group is not None:
        return ["split: {kind: group, test: 0.2, validation: 0}"]
    if sort == "regression":
        return ["split: {kind: hash, test: 0.2, validation: 0}"]
    return ["split: {kind: stratified, test: 0.2, validation: 0}"]


def _features(chosen: Chosen, found: Profile) -> list[str]:
    lines = ["features:"]
    if chosen.numbers:
        sorts = {"boolean": [], "numeric": []}  # type: dict[str, list[ColumnProfile]]
        for each in chosen.numbers:
            sorts["boolean" if each.sort == "boolean" else "numeric"].append(each)
        for word, columns in sorts.items():
            lines += _listed("keep", word, [each.name for each in columns], chosen, found)
    lines += _listed("one_hot", None, chosen.few, chosen, found, "few different texts")
    lines += _listed("frequency", None, chosen.many, chosen, found, "many different texts: how common each is")
    if chosen.dates:
        told = f"  - {{kind: date_parts, columns: {_flow(chosen.dates)}, parts: [month, weekday, day]}}"
        lines.append(told)
    if len(lines) == 1:
        raise DataError("no column is left that could be a feature", fix=_reasons(chosen))
    if chosen.left_out:
        lines.append("  # Left out:")
        lines += [f"  # - {_word(name)}: {why}" for name, why in list(chosen.left_out.items())[:MOST_LISTED]]
        if len(chosen.left_out) > MOST_LISTED:
            lines.append(f"  # - and {len(chosen.left_out) - MOST_LISTED:,} more")
    return lines


def _listed(kind: str, word: str | None, names: list[str], chosen: Chosen, found: Profile, why: str = "") -> list[str]:
    """One feature over the columns named one by one or, where they are many, by a word with its exceptions."""
    if not names:
        return []
    told = f"   # {why}" if why else ""
    if word is None or len(names) <= MOST_LISTED:
        return [f"  - {{kind: {kind}, columns: {_flow(names)}}}{told}"]
    sorts = ("boolean",) if word == "boolean" else ("number", "integer")
    known = {found.label, chosen.key, chosen.group, chosen.time.name if chosen.time else None}
    others = [c.name for c in found.columns if c.sort in sorts and c.name not in names and c.name not in known]
    exceptions = f", except_columns: {_flow(others)}" if others else ""
    return [f"  - {{kind: {kind}, columns: {word}{exceptions}}}{told}"]


def _models(sort: Sort) -> list[str]:
    metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[sort]
    gate = {"binary": "log_loss", "multiclass": "log_loss", "regression": "rmse"}[sort]
    return [
        "families:",
        "  - {kind: xgboost}   # takes missing values as they are; add `linear` or others to compare",
        f"tune: {{algorithm: tpe, metric: {metric}, max_trials: 5, timeout_minutes: 3}}",
        "gates:",
        f"  - {{kind: baseline, metric: {gate}}}   # better than always saying the same",
    ]


def _reasons(chosen: Chosen) -> str:
    return "; ".join(f"'{name}' {why}" for name, why in list(chosen.left_out.items())[:5])


def _flow(names: Sequence[str]) -> str:
    """A list in brackets, wrapped."""
    lines, line = [], "["
    for position, name in enumerate(names):
        piece = _word(name) + (", " if position < len(names) - 1 else "]")
        if len(line) + len(piece) > 96 and line.strip():
            lines.append(line.rstrip())
            line = "      "
        line += piece
    return "\n".join([*lines, line])


def _word(text: str) -> str:
    """A YAML scalar that reads as this text."""
    is_plain = PLAIN.fullmatch(text) is not None and text.casefold() not in RESERVED_WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)
