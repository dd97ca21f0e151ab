"""Looking at data before there is a model: a profile of a file or of a project's gold, a first project for a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from lakesmith import session
from lakesmith.errors import ConfigError, DataError, nearest
from lakesmith.piece import name_of
from lakesmith.places import Places
from lakesmith.profile.inputs import records, source_for
from lakesmith.profile.plots import plotted
from lakesmith.profile.prepared import sort_of
from lakesmith.profile.profiles import SHARES, Profile, profile
from lakesmith.profile.results import Warned
from lakesmith.profile.suspicions import is_id_like
from lakesmith.sources import Source
from lakesmith.splits import SPLIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

    from lakesmith.workspace import Workspace

MOST_CANDIDATES = 20
PROFILE = "profile.html"


def profile_of_gold(workspace: Workspace, percentiles: Sequence[float] = SHARES, plots: Sequence[str] = ()) -> Profile:
    """The profile of the project's gold, with label, time and split; its leak checks are those of training."""
    project, gold = workspace.project, workspace.tables.read("gold")
    drawn = tuple(plotted(gold, each) for each in plots)
    found = profile(
        gold,
        name=f"{project.name}: gold",
        label=project.task.label,
        is_number=project.task.sort == "regression",
        time=project.time,
        part=SPLIT,
        key=project.key,
        percentiles=percentiles,
    )
    return found.model_copy(update={"plots": drawn})


def profile_of_data(
    path: str, label: str | None, time: str | None, places: Places, percentiles: Sequence[float] = SHARES,
    plots: Sequence[str] = (),
) -> Profile:  # fmt: skip
    """The profile of a file, folder or Delta table whose columns are inferred."""
    with _reading(places) as spark:
        source = source_for(spark, path)
        frame, columns, refused = records(spark, source)
        _need(label, columns, "--label")
        _need(time, columns, "--time")
        with _read_once(frame, source) as rows:
            drawn = tuple(plotted(rows, each) for each in plots)
            found = profile(rows, name=name_of_data(path), label=label, time=time, percentiles=percentiles)
        return _with_refused(found.model_copy(update={"plots": drawn}), refused)


def first_project(path: str, label: str, places: Places) -> tuple[str, Profile]:
    """(Text of a project file that runs as it is, profile) for a file, folder or Delta table."""
    from lakesmith.starters import TEST_SHARE, event_column, starter

    with _reading(places) as spark:
        source = source_for(spark, path)
        frame, columns, refused = records(spark, source)
        _need(label, columns, "--label")
        sorts = [(each.name, sort_of(each.dataType)) for each in frame.schema.fields]
        with _read_once(frame, source) as rows:
            time, shares = event_column(sorts, label), (*SHARES, TEST_SHARE)
            found = profile(rows, name=name_of_data(path), label=label, time=time, percentiles=shares)
            if not found.rows:
                raise DataError(f"{path} has no record that can be read{_first_rule(refused)}")
            text = starter(name_of_data(path), source, columns, found, _unique(rows, found))
        return text, _with_refused(found, refused)


def _with_refused(found: Profile, refused: DataFrame) -> Profile:
    """The profile, with a warning where records were left out because they are not of their columns' types."""
    count = refused.count()
    if not count:
        return found
    told = f"{count:,} of {found.rows + count:,} records were left out{_first_rule(refused)}"
    return found.model_copy(update={"warnings": (*found.warnings, Warned(kind="refused", columns=(), told=told))})


def _read_once(frame: DataFrame, source: Source) -> AbstractContextManager[DataFrame]:
    """The rows, kept while they are looked at where reading them means parsing text."""
    from lakesmith.folds import cached

    return cached(frame) if name_of(source) in ("csv", "json") else nullcontext(frame)


def _unique(frame: DataFrame, found: Profile) -> list[str]:
    """The columns without null and with a value of its own in every row, exactly; one Spark action."""
    from pyspark.sql import functions as F

    from lakesmith.columns import quote

    able = [each.name for each in found.columns if is_id_like(each) and not each.nulls and each.name != found.label]
    able = able[:MOST_CANDIDATES]
    if not able:
        return []
    row = frame.agg(*[F.count_distinct(F.col(quote(name))).alias(f"n{i}") for i, name in enumerate(able)]).first()
    return [name for i, name in enumerate(able) if row is not None and row[f"n{i}"] == found.rows]


def _first_rule(refused: DataFrame) -> str:
    from lakesmith.sources import RULE

    row = refused.select(RULE).first()
    return f"; the first is refused: {row[0]}" if row is not None else ""


def _need(name: str | None, columns: dict[str, str], option: str) -> None:
    if name is not None and name not in columns:
        raise ConfigError(
            f"{option}: '{name}' is not a column ({len(columns)} columns)", fix=nearest(name, list(columns))
        )


def name_of_data(path: str) -> str:
    """A name for the project and its table: lower-case letters, digits and _, from the file's name."""
    stem = Path(path.rstrip("/")).name.partition(".")[0].casefold()
    name = re.sub(r"[^a-z0-9]+", "_", stem).strip("_")
    return (name if re.match(r"[a-z]", name) else f"table_{name}".rstrip("_"))[:60]


@contextmanager
def _reading(places: Places) -> Iterator[SparkSession]:
    folder = Path(places.workspace)
    folder.mkdir(parents=True, exist_ok=True)
    yield session.start("lakesmith profile", master=places.master, settings=places.spark, log=folder / "spark.log")
