"""Training: one network, learned batch by batch in one or several processes, the same in each.

A batch is made of `shards` parts, each read from its own row groups; a process works off its share of them and the
gradients of all are added up. What is drawn by chance (which numbers drop out, how images are changed) follows from
seed, epoch, step and shard. So the number of processes changes nothing, and a training that was killed goes on from
its last whole epoch as it would have.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from lakesmith.deep import checkpoints
from lakesmith.deep.averages import Averages
from lakesmith.deep.batches import Batches, batches
from lakesmith.deep.checkpoints import Epoch, Progress
from lakesmith.deep.losses import losses
from lakesmith.deep.optimizers import optimizer
from lakesmith.deep.transfer import freeze, started
from lakesmith.errors import TrainingError
from lakesmith.families import FEATURES, LABEL, WEIGHT

if TYPE_CHECKING:
    from lakesmith.deep.networks import Design
    from lakesmith.families.networks import Network

NUMBERS = 2**26  # of the rows that are permuted, or judged, together: 256 MB
# Torch draws from one generator a process, and several trials may learn in threads of one.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Lesson:
    """All that a training depends on. `rows` and `validation` are folders of Parquet, `folder` is where it keeps its
    progress; `last_epoch` is where a final fit ends."""

    family: Network
    design: Design
    rows: str
    folder: str
    seed: int
    is_weighted: bool
    validation: str | None = None
    judge: Callable[[Any, Any, Any], float] | None = None
    greater_is_better: bool = True
    last_epoch: int | None = None
    base: str | None = None


Report = Callable[[Epoch, bool], None]  # an epoch, and whether the training is over with it


def train(
    lesson: Lesson, report: Report, rank: int = 0, world: int = 1, is_to_stop: Callable[[], bool] = lambda: False
) -> Progress:
    """The training, from its last checkpoint to its end; called in every process, each comes to the same network.

    In the first process `report` is called after every epoch, those of an earlier attempt included; where there are
    no others it may end the training by raising. `is_to_stop` is asked after every epoch, and ends it in all of them.
    """
    if world == 1:
        # A core is left to what reads the batches: threads that wait for one another on a busy machine took 12 times
        # as long as a single one (a cnn on digits, two cores).
        torch.set_num_threads(min(torch.get_num_threads(), max(1, (os.cpu_count() or 1) - 1)))
    return _Training(lesson, rank, world, is_to_stop).run(report)


def device() -> torch.device:
    """A GPU of this process's own, or the CPU where this machine has fewer GPUs than processes."""
    processes, here = (int(os.environ.get(f"LOCAL_{name}", of)) for name, of in (("WORLD_SIZE", "1"), ("RANK", "0")))
    has_own = torch.cuda.is_available() and processes <= torch.cuda.device_count()
    return torch.device("cuda", here) if has_own else torch.device("cpu")


class _Training:
    def __init__(self, lesson: Lesson, rank: int, world: int, is_to_stop: Callable[[], bool]) -> None:
        self.lesson, self.family, self.rank, self.world = lesson, lesson.family, rank, world
        self.is_to_stop = is_to_stop
        self.device = device()
        with _ONE_AT_A_TIME:
            torch.manual_seed(lesson.seed)
            self.network = started(lesson.design, lesson.base).to(self.device)
        self.progress = checkpoints.known(Path(lesson.folder))
        if self.progress.weights:
            self.network.load_state_dict(self.progress.weights)

    def run(self, report: Report) -> Progress:
        last = self.lesson.last_epoch or self.family.all_epochs
        for epoch, is_over in self.progress.told(last) if self.rank == 0 else ():
            report(epoch, is_over)
        with ExitStack() as stack:
            shards = [
                stack.enter_context(self._rows(shard)) for shard in range(self.rank, self.family.parts, self.world)
            ]
            while len(self.progress.epochs) < last and not self.progress.is_over:
                if self._part(shards, last, report):
                    break
        return self.progress

    def _part(self, shards: list[Batches], last: int, report: Report) -> bool:
        """The epochs up to the end or to where fine-tuning begins, with an optimizer of their own; whether the
        training was ended in them."""
        first, border = len(self.progress.epochs), self.family.epochs
        is_tuning = first >= border
        self._begin(is_tuning)
        steps = optimizer(self.family, self.network)
        if self.progress.optimizer and first != border:
            steps.load_state_dict(self.progress.optimizer)
        learner = self._in_step()
        for number in range(first, last if is_tuning else min(border, last)):
            started_at = time.monotonic()
            loss, rows = self._epoch(number, shards, learner, steps)
            rate = rows / max(time.monotonic() - started_at, 1e-9)
            told = Epoch(number + 1, loss, self._judged(), rate)
            self._keep(told, steps)
            if self.rank == 0:
                report(told, self.progress.is_over or told.number == last)
            if self._agreed(self.progress.is_over or self.is_to_stop()):
                return True
        return False

    def _begin(self, is_tuning: bool) -> None:
        """Every layer learns but those that are frozen, which answer as they are."""
        self.network.train()
        freeze(self.network, None if is_tuning or self.lesson.base is None else self.family.freeze)

    def _epoch(self, number: int, shards: list[Batches], learner: Any, steps: Any) -> tuple[float, int]:
        """One pass over the rows: mean loss, and how many rows all processes have seen."""
        self._begin(number >= self.family.epochs)
        averages = Averages(self.network, len(shards))
        for each in shards:
            each.epoch = number
        sums = torch.zeros(3, dtype=torch.float64)  # loss × weight, weight, rows
        length = max(len(shards[0]), 1)
        for step, parts in enumerate(zip(*shards, strict=True)):
            weights = [self._weight(part) for part in parts]
            total = self._summed(torch.tensor([float(sum(w.sum() for w in weights))], dtype=torch.float64))
            if not float(total):
                continue  # rows without weight say nothing, and nothing is to be divided by
            for group in steps.param_groups:
                group["lr"] = self.family.rate(number + step / length)
            steps.zero_grad()
            before, after = averages.now(), []
            for place, (part, weight) in enumerate(zip(parts, weights, strict=True)):
                is_last = place == len(parts) - 1
                averages.put(before)
                with nullcontext() if is_last or self.world == 1 else learner.no_sync(), _ONE_AT_A_TIME:
                    torch.manual_seed(self._drawn(number, step, self.rank + place * self.world))
                    loss = self._loss(learner, part, weight)
                    # Processes' gradients are averaged; here they are to be added up.
                    (loss * self.world / float(total)).backward()
                after.append(averages.now())
                sums += torch.tensor([loss.item(), float(weight.sum()), len(weight)], dtype=torch.float64)
            if self.family.clip_gradients is not None:
                torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.family.clip_gradients)
            averages.put_mean(after)
            steps.step()
        loss, weight, rows = self._summed(sums).tolist()
        averages.join(self.world)
        if not weight:
            raise TrainingError("the weights of all training rows are 0", key="weight", fix="Weigh some of them.")
        return loss / weight, int(rows)

    def _loss(self, learner: Any, part: dict[str, Any], weight: Any) -> Any:
        features = self.family.changed(part[FEATURES].float(), self.lesson.design.spec)
        label = part[LABEL].to(self.device)
        each = losses(self.family.loss, self.network, learner(features.to(self.device)), label)
        return (each * weight.to(self.device)).sum()

    def _judged(self) -> float | None:
        """The metric on the validation rows, in the first process; None elsewhere and in a final fit."""
        if self.rank or self.lesson.validation is None or self.lesson.judge is None:
            return None
        found: list[tuple[Any, Any, Any]] = []
        self.network.eval()
        with (
            torch.inference_mode(),
            batches(
                self.lesson.validation,
                batch_size=self._rows_at_once(8192),
                columns=[FEATURES, LABEL],
                engine="pyarrow",
            ) as rows,
        ):
            for part in rows:
                _, probability, prediction = self.network.answers(part[FEATURES].float().to(self.device))
                answer = prediction if probability is None else probability
                found.append((part[LABEL].numpy(), prediction.cpu().numpy(), answer.cpu().numpy()))
        label, prediction, answer = (np.concatenate(each) for each in zip(*found, strict=True))
        return self.lesson.judge(label, prediction, answer if answer.ndim == 2 else None)

    def _keep(self, told: Epoch, steps: Any) -> None:
        """The epoch in the progress, which the first process writes."""
        stopping = self.family.early_stopping if self.lesson.validation is not None else False
        if self.rank == 0:
            delta = stopping.min_delta if stopping else 0.0
            weights = {name: each.detach().cpu().clone() for name, each in self.network.state_dict().items()}
            self.progress.add(told, weights, greater_is_better=self.lesson.greater_is_better, min_delta=delta)
            self.progress.optimizer = steps.state_dict()
            self.progress.is_over = self.progress.is_stale(stopping.patience) if stopping else False
            self.progress.save(Path(self.lesson.folder))
        else:
            self.progress.epochs.append(told)

    def _agreed(self, is_ended: bool) -> bool:
        """What the first process says, in all of them."""
        if self.world > 1:
            said = torch.tensor([float(is_ended)], device=self.device)
            torch.distributed.broadcast(said, src=0)
            return bool(said.item())
        return is_ended

    def _rows(self, shard: int) -> Batches:
        """The shard's batches: its part of every batch, so that all shards have as many."""
        parts = self.family.parts
        size = self.family.batch_size // parts
        columns = [FEATURES, LABEL, *([WEIGHT] if self.lesson.is_weighted else [])]
        told: dict[str, Any] = {
            "columns": columns, "batch_size": size, "shuffle": True,
            "mix_rows": max(size, self._rows_at_once(65_536) // parts), "seed": self.lesson.seed,
            "shard": (shard, parts), "engine": self.family.engine,
        }  # fmt: skip
        rows = batches(self.lesson.rows, **told)
        if len(rows) == 1 and rows.rows == 1 and self.family.standardizes_batches:
            raise TrainingError("a shard has one row, which batch_norm cannot standardize", key="shards")
        counts = (sum(group.rows for group in rows.table.groups[each::parts]) for each in range(parts))
        # A last batch of one row has no deviation, by which batch norm divides: all shards leave out theirs, or none.
        is_alone = len(rows) > 1 and any(count - (len(rows) - 1) * size == 1 for count in counts)
        return batches(self.lesson.rows, **told, drop_last=True) if is_alone else rows

    def _rows_at_once(self, most: int) -> int:
        """How many rows hold NUMBERS, but no more than `most`."""
        return min(most, max(16, NUMBERS // int(self.lesson.design.spec["size"])))

    def _weight(self, part: dict[str, Any]) -> Any:
        return part[WEIGHT].float() if self.lesson.is_weighted else torch.ones(len(part[LABEL]))

    def _drawn(self, epoch: int, step: int, shard: int) -> int:
        return int(np.random.SeedSequence([self.lesson.seed, epoch, step, shard]).generate_state(1, np.uint64)[0] >> 1)

    def _summed(self, values: Any) -> Any:
        """The sum over all processes."""
        if self.world > 1:
            there = values.to(self.device)
            torch.distributed.all_reduce(there)
            return there.cpu()
        return values

    def _in_step(self) -> Any:
        """The network, its gradients averaged over all processes as they come."""
        if self.world == 1:
            return self.network
        from torch.nn.parallel import DistributedDataParallel

        return DistributedDataParallel(self.network, broadcast_buffers=False)
