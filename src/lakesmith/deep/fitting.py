"""From cached vectors to a fitted network: rows written once, a training begun or gone on with, a model's stage."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from lakesmith.deep import frames
from lakesmith.deep.networks import Design, design
from lakesmith.errors import EnvironmentFault, TrainingError
from lakesmith.families import FEATURES, LABEL, WEIGHT, Fit, Fitted
from lakesmith.wording import count, decimal

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lakesmith.deep.checkpoints import Epoch, Progress
    from lakesmith.deep.training import Lesson, Report
    from lakesmith.families.networks import Network

# Of a row group: enough to be read at full speed, few enough to be shuffled well and for one row group a file.
GROUP_ROWS, GROUP_NUMBERS = 32_768, 2**25
_WRITING = Lock()


def fitted(family: Network, fit: Fit) -> Fitted:
    """The network as a stage of the model; of a trial, as it was after its best epoch.

    Its folder keeps rows and progress: called again after a kill, it goes on after the last whole epoch. Raises
    EnvironmentFault where torch is not installed, TrainingError where the loss is no number.
    """
    if find_spec("torch") is None:
        raise EnvironmentFault("torch is not installed, and networks need it", fix="pip install 'lakesmith[deep]'.")
    if fit.folder is None:
        raise ValueError("a network is fitted in a folder, where it keeps its rows and its progress")
    from lakesmith.deep.training import train

    lesson = _lesson(family, fit, fit.folder)
    report = _reporting(fit, family, lesson)
    if family.processes == 1:
        progress = train(lesson, report)
    else:
        from lakesmith.deep.distributed import train_together

        progress = train_together(fit.vectors.sparkSession, lesson, report)
    return _fitted(lesson, progress)


def _fitted(lesson: Lesson, progress: Progress) -> Fitted:
    from lakesmith_stages.network import packed
    from lakesmith_stages.transformers import TorchModel

    is_chosen = bool(progress.best and lesson.family.early_stopping)
    weights = progress.best_weights if is_chosen else progress.weights
    progress.finish(Path(lesson.folder), is_best=is_chosen)
    epochs = progress.best if is_chosen else len(progress.epochs)
    model = TorchModel(spec=lesson.design.spec, weights=packed(weights), features=FEATURES)
    return Fitted(model, epochs, tuple(each.loss for each in progress.epochs))


def _lesson(family: Network, fit: Fit, folder: Path) -> Lesson:
    from lakesmith.deep.training import Lesson

    size, watch = len(fit.slots()), fit.watch
    rows = _written(fit.vectors, folder / f"rows-{family.parts}", family.parts, size, is_weighted=fit.is_weighted)
    validation = None
    if watch is not None:
        validation = _written(watch.validation, folder / "validation", 1, size, is_weighted=False)
    told = {
        "family": family.model_dump(mode="json"),
        "seed": fit.seed,
        "epochs": fit.epochs,
        "watched": watch is not None,
    }
    own = folder / hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    return Lesson(
        family=family,
        design=_design(family, fit, own / "design.json"),
        rows=rows,
        folder=str(own),
        seed=fit.seed,
        is_weighted=fit.is_weighted,
        validation=validation,
        judge=None if watch is None else watch.judge,
        greater_is_better=watch is None or watch.greater_is_better,
        last_epoch=fit.epochs,
        base=None if fit.base is None else str(fit.base),
    )


def _design(family: Network, fit: Fit, path: Path) -> Design:
    """The design, as it was when the training began: sums over rows may differ in their last digit each time."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}")
        temporary.write_text(json.dumps(asdict(design(family, fit))), "utf-8")
        temporary.replace(path)
    return Design(**json.loads(path.read_text("utf-8")))


def _written(vectors: DataFrame, folder: Path, shards: int, size: int, *, is_weighted: bool) -> str:
    """The rows as Parquet, once for all trials on them; what a killed attempt left half-written is written anew."""
    with _WRITING:
        if not (folder / "_SUCCESS").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            rows = vectors.count()
            if rows < shards:
                raise TrainingError(f"{count(rows)} rows cannot be divided into {count(shards)} shards")
            groups = max(1, math.ceil(rows / shards / min(GROUP_ROWS, max(1, GROUP_NUMBERS // size))))
            columns = [FEATURES, LABEL, *([WEIGHT] if is_weighted else [])]
            frames.write(vectors, folder, columns=columns, shards=shards, row_groups=groups)
    return str(folder)


def _reporting(fit: Fit, family: Network, lesson: Lesson) -> Report:
    last = lesson.last_epoch or family.all_epochs

    def report(epoch: Epoch, is_over: bool) -> None:
        measured = "" if epoch.metric is None else f", validation {decimal(epoch.metric)}"
        fit.say(
            f"epoch {epoch.number}/{last}: loss {decimal(epoch.loss)}{measured}, "
            f"{count(round(epoch.rows_per_second))} rows/s"
        )
        if math.isnan(epoch.loss):
            raise TrainingError(
                f"the loss is no number after epoch {epoch.number}", fix="Lower learning_rate, or set clip_gradients."
            )
        if fit.watch is not None and epoch.metric is not None:
            fit.watch.report(epoch.number, epoch.metric, is_over)

    return report
