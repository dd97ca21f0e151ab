"""What the stages found that a reader of the report should know, each note under the dotted key it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lakesmith.report.view import Note
from lakesmith.stages.clean import CleanResult
from lakesmith.stages.derive import DeriveResult
from lakesmith.stages.ingest import IngestResult
from lakesmith.stages.recorded import Recorded
from lakesmith.wording import share

DOTTED_KEY = re.compile(r"([a-z_]+(?:\.[a-z_]+|\[\d+\])+): (.+)", re.DOTALL)
NOTABLE_SHARE = 0.1  # of rows that a join leaves without a match: from here on a warning


def notes(recorded: Recorded) -> tuple[Note, ...]:
    """The notes in the order data flows."""
    return tuple(_told(recorded))


def _told(recorded: Recorded) -> Iterator[Note]:
    if recorded.ingest is not None:
        yield from _ingest_notes(recorded.ingest)
    if recorded.clean is not None:
        yield from _clean_notes(recorded.clean)
    if recorded.derive is not None:
        yield from _derive_notes(recorded.derive)
    if recorded.train is not None:
        yield Note(where="tune.folds", text=f"Trials were compared on {recorded.train.folds_told}.")
        yield from (_note(text, "train") for text in recorded.train.notes)
    if recorded.judged is not None:
        yield from (_note(text, "evaluate", is_warning=True) for text in recorded.judged.notes)


def _ingest_notes(ingested: IngestResult) -> Iterator[Note]:
    for each in ingested.sources:
        where = f"sources.{each.source}"
        if each.inferred:
            text = f"Columns and types were guessed from a sample; suggested_columns/{each.source}.yml declares them."
            yield Note(where=f"{where}.columns", text=text, is_warning=True)
        for path, other in each.same_content.items():
            yield Note(where=where, text=f"{path} has the content of {other} and was not read.")


def _clean_notes(cleaned: CleanResult) -> Iterator[Note]:
    for source in cleaned.sources:
        for each in source.warnings:
            if each.rows:
                text = f"{each.rows:,} rows break the rule '{each.rule}' and were kept."
                yield Note(where=f"clean.{source.source}", text=text, is_warning=True)


def _derive_notes(derived: DeriveResult) -> Iterator[Note]:
    for step in derived.steps:
        unmatched, of_all = step.facts.get("unmatched"), step.facts.get("unmatched_share")
        if isinstance(unmatched, int) and isinstance(of_all, float) and unmatched:
            text = f"{step.kind} with {step.facts.get('with')}: {unmatched:,} rows ({share(of_all)}) found no match."
            yield Note(where=f"derive.steps[{step.position}]", text=text, is_warning=of_all >= NOTABLE_SHARE)
    for column, change in derived.casts.items():
        yield Note(where="derive", text=f"Column '{column}' is stored as another type, for model signatures: {change}.")


def _note(text: str, where: str, *, is_warning: bool = False) -> Note:
    """The note, under the dotted key that it opens with, if it does."""
    found = DOTTED_KEY.fullmatch(text)
    return Note(where=found.group(1) if found else where, text=found.group(2) if found else text, is_warning=is_warning)
