"""A training in several processes, started by Spark: its own TorchDistributor, on the driver or on the executors.

The processes share the workspace with the driver and nothing else: from there they take this package and the rows,
there they leave their progress, which the driver follows while they run.
"""

from __future__ import annotations

import logging
import os
import pickle
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from lakesmith import package_sources, session
from lakesmith.deep import checkpoints
from lakesmith.deep.checkpoints import Epoch, Progress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from lakesmith.deep.training import Lesson, Report

LOOK_SECONDS = 0.2
THREADS = "OMP_NUM_THREADS"
_CORES = threading.Lock()
STOP = "stop"  # the file by which the driver ends a training


def train_together(spark: SparkSession, lesson: Lesson, report: Report) -> Progress:
    """The training in `processes` of the family, gloo between CPUs and NCCL between GPUs.

    `report` is called here, with each epoch; what it raises ends the training after its next epoch, and is raised.
    """
    from pyspark.ml.torch.distributor import TorchDistributor

    folder = Path(lesson.folder)
    (folder / STOP).unlink(missing_ok=True)
    code = package_sources.zipped(folder / "lakesmith.zip")
    is_local = session.is_local(spark)
    processes, last = lesson.family.processes, lesson.last_epoch or lesson.family.all_epochs
    distributor = TorchDistributor(processes, local_mode=is_local, use_gpu=session.has_gpus(spark, on_driver=is_local))
    logging.getLogger("TorchDistributor").setLevel(logging.WARNING)  # else it announces every start and end
    with _alone_on_this_machine(processes) if is_local else nullcontext(), _followed(folder, last, report):
        distributor.run(_in_process(str(code)), pickle.dumps(lesson))
    return checkpoints.known(folder)


def trained(content: bytes) -> None:
    """One process of a training: joins the others, learns with them, and leaves them whatever happens."""
    import torch

    # Imported later, by DistributedDataParallel, its functions would keep the group of processes as a default argument:
    # gloo's threads would not end with the group, and one that meets the end of the interpreter aborts the process.
    import torch.distributed.nn.functional

    from lakesmith.deep.training import device, train

    # About the order of a one-channel convolution's numbers in memory: of no effect on what is learned.
    warnings.filterwarnings("ignore", message="Grad strides do not match", category=UserWarning)
    lesson: Lesson = pickle.loads(content)
    torch.distributed.init_process_group("nccl" if device().type == "cuda" else "gloo")
    try:
        rank, world = torch.distributed.get_rank(), torch.distributed.get_world_size()
        train(lesson, _unheard, rank, world, (Path(lesson.folder) / STOP).exists)
    finally:
        torch.distributed.destroy_process_group()


def _unheard(epoch: Epoch, is_over: bool) -> None:
    """The driver reads the epochs from the checkpoint."""


def _in_process(code: str) -> Callable[[bytes], None]:
    """What a process is started with. It is pickled by value, for the package is not there before its first line."""

    def begin(content: bytes) -> None:
        import sys

        sys.path.insert(0, code)
        from lakesmith.deep import distributed

        distributed.trained(content)

    return begin


@contextmanager
def _followed(folder: Path, last: int, report: Report) -> Iterator[None]:
    """Tells `report` of every epoch that is written while the block runs; raises after it what `report` has raised."""
    ended, raised = threading.Event(), list[BaseException]()
    told, seen = 0, None

    def look() -> None:
        nonlocal told, seen
        found = checkpoints.stamp(folder)
        if found == seen:
            return
        for epoch, is_over in checkpoints.known(folder).told(last, told):
            told += 1
            report(epoch, is_over)
        seen = found

    def follow() -> None:
        while not ended.wait(LOOK_SECONDS) and not raised:
            try:
                look()
            except BaseException as error:  # noqa: BLE001 (raised again below, by the thread that waits)
                raised.append(error)
                (folder / STOP).touch()

    thread = threading.Thread(target=follow, name="epochs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if raised:
        raise raised[0]
    look()


@contextmanager
def _alone_on_this_machine(processes: int) -> Iterator[None]:
    """This machine's cores divided among the processes that it starts, which would take one thread each. Another
    training that would share them waits."""
    with _CORES:
        before = os.environ.get(THREADS)
        os.environ[THREADS] = before or str(max(1, (os.cpu_count() or 1) // processes))
        try:
            yield
        finally:
            if before is None:
                os.environ.pop(THREADS, None)
