"""Training: what is learned, that it is the same each time, and where it ends."""

from __future__ import annotations

import math
import os
import pickle
import socket
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from deep.lessons import (
    Ended,
    Heard,
    Rows,
    Told,
    accuracy,
    are_equal,
    cnn,
    dnn,
    ended_after,
    error,
    images,
    lesson,
    numbers,
    unheard,
)
from deep.tables import ENGINES
from lakesmith.deep import checkpoints, distributed, training
from lakesmith.deep.training import train
from lakesmith.deep.transfer import started
from lakesmith.errors import TrainingError
from lakesmith.families import LABEL

MOST_SECONDS = 180  # that two processes may take on a busy machine


@pytest.mark.parametrize(
    ("rows", "judge", "reached"),
    [(numbers(), error, 0.15), (numbers(classes=2), accuracy, 0.95), (numbers(classes=3), accuracy, 0.9)],
    ids=["regression", "binary", "multiclass"],
)
def test_the_loss_falls_and_a_simple_problem_is_learned(tmp_path: Path, rows: Rows, judge: Any, reached: float) -> None:
    told = lesson(tmp_path, dnn(epochs=12, learning_rate=0.03), rows, judge=judge, greater_is_better=judge is accuracy)
    found = train(told, unheard)
    metric = found.epochs[found.best - 1].metric
    assert metric is not None
    assert metric < reached if judge is error else metric > reached
    assert found.epochs[-1].loss < 0.35 * found.epochs[0].loss
    assert [each.number for each in found.epochs] == list(range(1, len(found.epochs) + 1))


def test_a_cnn_learns_from_images_that_are_changed(tmp_path: Path) -> None:
    family = cnn(epochs=8, learning_rate=0.02, augment={"mirror": True, "shift": 0.05, "skew": 5})
    found = train(lesson(tmp_path, family, images(), judge=accuracy), unheard)
    assert max(each.metric or 0 for each in found.epochs) > 0.95


@pytest.mark.parametrize("engine", ENGINES)
def test_one_seed_gives_the_same_weights_bit_by_bit(tmp_path: Path, engine: Any) -> None:
    family = cnn(epochs=2, augment={"shift": 0.1}, engine=engine)
    family = family.model_copy(update={"layers": (*family.layers, *dnn(dropout=0.5).divided()[1])})
    one, again = (train(lesson(tmp_path, family, images(), name=name), unheard) for name in ("one", "again"))
    assert are_equal(one.weights, again.weights)
    other = train(replace(lesson(tmp_path, family, images(), name="other"), seed=8), unheard)
    assert not are_equal(one.weights, other.weights)


def test_the_rows_of_every_epoch_come_in_another_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, seen = numbers(), list[float]()
    loss = training._Training._loss

    def heard(self: Any, learner: Any, part: Any, weight: Any) -> Any:
        seen.extend(part[LABEL].tolist())
        return loss(self, learner, part, weight)

    monkeypatch.setattr(training._Training, "_loss", heard)
    train(lesson(tmp_path, dnn(epochs=2), rows), unheard)
    first, second = seen[: len(rows.label)], seen[len(rows.label) :]
    assert first != second
    assert sorted(first) == sorted(second) == sorted(rows.label.tolist())


# What a step does.


def test_the_rate_of_each_step_is_the_familys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "base.pth"
    rows, rates = numbers(rows=80), list[float]()
    family = dnn(
        epochs=3,
        batch_size=32,
        schedule={"kind": "one_cycle"},
        base="b",
        fine_tune={"epochs": 2, "learning_rate": 1e-5},
    )
    told = lesson(tmp_path, family, rows, base=str(base))
    torch.save(started(told.design, None).state_dict(), base)
    made = training.optimizer

    def heard(*arguments: Any) -> Any:
        found = made(*arguments)
        found.register_step_pre_hook(lambda steps, *_: rates.append(steps.param_groups[0]["lr"]))
        return found

    monkeypatch.setattr(training, "optimizer", heard)
    train(told, unheard)
    assert rates == [family.rate(epoch + step / 3) for epoch in range(5) for step in range(3)]
    assert rates[-6:] == [1e-5] * 6


def one_step(tmp_path: Path, rows: Rows, name: str, **fields: Any) -> tuple[Any, Any, float]:
    """The network before and the weights after one step of plain gradient descent over all rows; the loss before."""
    plain = {"optimizer": "sgd", "momentum": 0.0, "weight_decay": 0.0, "learning_rate": 1.0, "epochs": 1}
    told = lesson(tmp_path, dnn(batch_size=len(rows.label), **{**plain, **fields}), rows, name=name)
    torch.manual_seed(told.seed)
    before = started(told.design, None)
    found = train(told, unheard)
    return before, found.weights, found.epochs[0].loss


def step_of(before: Any, after: Any) -> Any:
    return torch.cat([(each.detach() - after[name]).flatten() for name, each in before.named_parameters()])


def test_a_gradient_is_cut_to_the_largest_norm_that_is_allowed(tmp_path: Path) -> None:
    rows = numbers()
    free = step_of(*one_step(tmp_path, rows, "free")[:2])
    wide = step_of(*one_step(tmp_path, rows, "wide", clip_gradients=100.0)[:2])
    cut = step_of(*one_step(tmp_path, rows, "cut", clip_gradients=0.01)[:2])
    assert free.norm() > 0.1
    assert torch.equal(wide, free)
    assert cut.norm() == pytest.approx(0.01, rel=1e-3)
    assert torch.allclose(cut / cut.norm(), free / free.norm(), atol=1e-4)


@pytest.mark.parametrize("shards", [1, 4])
def test_weights_make_the_loss_and_the_step_a_weighted_mean(tmp_path: Path, shards: int) -> None:
    rows, by_class = numbers(classes=2), torch.tensor([0.5, 4.0])
    weighted = replace(rows, weight=by_class.numpy()[rows.label.astype(int)])
    before, after, loss = one_step(tmp_path, weighted, "weighted", shards=shards)
    expected = functional.cross_entropy(
        before(torch.from_numpy(rows.features)), torch.from_numpy(rows.label).long(), weight=by_class
    )
    expected.backward()
    gradient = torch.cat([each.grad.flatten() for each in before.parameters()])
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert torch.allclose(step_of(before, after), gradient, atol=1e-5)
    assert one_step(tmp_path, rows, "plain", shards=shards)[2] != pytest.approx(loss, rel=1e-3)


def test_a_last_batch_weighs_as_much_as_it_has_rows(tmp_path: Path) -> None:
    rows = numbers(rows=80)
    told = lesson(tmp_path, dnn(batch_size=64, epochs=1, optimizer="sgd", learning_rate=1e-30), rows)
    torch.manual_seed(told.seed)
    before = started(told.design, None)
    wanted = (torch.from_numpy(rows.label) - before.label_mean) / before.label_deviation
    expected = functional.mse_loss(before(torch.from_numpy(rows.features))[:, 0], wanted).item()
    assert train(told, unheard).epochs[0].loss == pytest.approx(expected, rel=1e-5)


# Shards and processes.


def learn(rank: int, port: int, content: bytes) -> None:
    """What each process does that Spark starts; the threads of gloo that are left after it are told."""
    world = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(rank), "WORLD_SIZE": "2"}
    os.environ.update(world)
    torch.set_num_threads(1)
    distributed.trained(content)
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    left = [name for name in names if "gloo" in name]
    (Path(pickle.loads(content).folder) / f"left-{rank}").write_text(",".join(left))


def learn_together(told: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = (port, pickle.dumps(told))
    running = torch.multiprocessing.start_processes(learn, arguments, nprocs=2, join=False, start_method="spawn")
    until = time.monotonic() + MOST_SECONDS
    try:
        while not running.join(timeout=1):
            assert time.monotonic() < until, "the processes wait for each other"
    finally:
        for process in running.processes:
            process.kill()


def test_two_shards_give_the_same_network_in_one_process_and_in_two(tmp_path: Path) -> None:
    family = cnn(shards=2, epochs=3, augment={"shift": 0.1}, schedule={"kind": "cosine"}, clip_gradients=0.5)
    family = family.model_copy(update={"layers": (*family.layers, *dnn(dropout=0.3, batch_norm=True).divided()[1])})
    rows = images()
    rows = replace(rows, weight=np.linspace(0.5, 2, len(rows.label)).astype("f4"))
    alone = train(lesson(tmp_path, family, rows, name="alone", judge=accuracy), unheard)
    told = lesson(tmp_path, family, rows, name="together", validation=str(tmp_path / "validation"))
    told = replace(told, judge=accuracy)
    learn_together(told)
    together = checkpoints.known(Path(told.folder))
    assert [(Path(told.folder) / f"left-{rank}").read_text() for rank in range(2)] == ["", ""]
    for one, two in zip(alone.epochs, together.epochs, strict=True):
        assert (one.number, one.metric, one.loss) == (two.number, two.metric, pytest.approx(two.loss, rel=1e-5))
    assert alone.best == together.best
    for name, each in alone.weights.items():
        assert torch.allclose(each, together.weights[name], atol=1e-5), name


def test_shards_give_nearly_the_network_of_one(tmp_path: Path) -> None:
    """Without what is drawn by chance and without batch norm, a step is a step: shards see other rows in it."""
    rows = numbers()
    all_in_one = {"batch_size": len(rows.label), "epochs": 3}
    one = train(lesson(tmp_path, dnn(**all_in_one), rows, name="1"), unheard)
    four = train(lesson(tmp_path, dnn(**all_in_one, shards=4), rows, name="4"), unheard)
    for name, each in one.weights.items():
        assert torch.allclose(each, four.weights[name], atol=1e-4), name


@pytest.mark.parametrize(
    ("counts", "rows"),
    [((65,), 64), ((65, 66), 128), ((66, 65), 128), ((64, 65), 128), ((64, 66), 128), ((33, 33), 64)],
)
def test_a_last_batch_of_one_row_is_left_out_of_all_shards(tmp_path: Path, counts: tuple[int, ...], rows: int) -> None:
    family = dnn(batch_norm=True, batch_size=64 * len(counts) if max(counts) > 33 else 64, shards=len(counts), epochs=1)
    told = lesson(tmp_path, family, numbers(rows=sum(counts)), counts=list(counts))
    seen = list[int]()
    loss = training._Training._loss

    def heard(self: Any, learner: Any, part: Any, weight: Any) -> Any:
        seen.append(len(weight))
        return loss(self, learner, part, weight)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training._Training, "_loss", heard)
        train(told, unheard)
    assert sum(seen) == rows


# Where it ends.


def test_early_stopping_stops_and_keeps_the_best_weights(tmp_path: Path) -> None:
    family = dnn(epochs=10, early_stopping={"patience": 3}, dropout=0.2)
    judge = Told([0.5, 0.6, 0.7, 0.65, 0.7, 0.1, 0.9])
    found = train(lesson(tmp_path, family, numbers(), judge=judge), unheard)
    assert (len(found.epochs), judge.asked, found.best, found.is_over) == (6, 6, 3, True)
    final = train(lesson(tmp_path, family, numbers(), name="final", last_epoch=3), unheard)
    assert are_equal(found.best_weights, final.weights)
    assert not are_equal(found.best_weights, found.weights)


def test_a_change_below_min_delta_does_not_count(tmp_path: Path) -> None:
    family = dnn(epochs=10, early_stopping={"patience": 2, "min_delta": 0.1})
    judge = Told([3.0, 2.95, 2.85, 2.8, 2.76])
    found = train(lesson(tmp_path, family, numbers(), judge=judge, greater_is_better=False), unheard)
    assert (len(found.epochs), found.best) == (5, 3)


def test_without_early_stopping_it_learns_for_all_epochs(tmp_path: Path) -> None:
    judge = Told([0.9, 0.1, 0.1, 0.1])
    found = train(lesson(tmp_path, dnn(epochs=4, early_stopping=False), numbers(), judge=judge), unheard)
    assert (len(found.epochs), found.is_over) == (4, False)


def test_a_metric_that_is_no_number_is_never_best(tmp_path: Path) -> None:
    family, nan = dnn(epochs=8, early_stopping={"patience": 2}), math.nan
    found = train(lesson(tmp_path, family, numbers(), name="some", judge=Told([nan, 0.2, nan, nan])), unheard)
    assert (found.best, len(found.epochs)) == (2, 4)
    found = train(lesson(tmp_path, family, numbers(), name="none", judge=Told([nan, nan, nan])), unheard)
    assert (found.best, len(found.epochs), found.best_weights) == (0, 2, {})


def test_it_ends_where_it_is_asked_to(tmp_path: Path) -> None:
    told, asked = lesson(tmp_path, dnn(epochs=5), numbers()), iter([False, True])
    assert len(train(told, unheard, is_to_stop=partial(next, asked)).epochs) == 2


# Ended, and begun again.


@pytest.mark.parametrize("ended", [2, 3, 4])
def test_a_training_that_was_ended_goes_on_as_it_would_have(tmp_path: Path, ended: int) -> None:
    """Three epochs, and three of fine-tuning: ended before, at and after the border."""
    fields = {"schedule": {"kind": "one_cycle"}, "dropout": 0.3, "batch_norm": True, "clip_gradients": 0.5}
    tuned = {"base": "b", "freeze": 1, "fine_tune": {"epochs": 3, "learning_rate": 0.002}}
    family = dnn(epochs=3, hidden=(8, 8), optimizer="adam", early_stopping=False, **fields, **tuned)
    values = [0.1, 0.2, 0.5, 0.3, 0.4, 0.2]
    make = partial(lesson, tmp_path, family, numbers(), base=str(tmp_path / "base.pth"))
    whole = make(name="whole", judge=Told(values))
    torch.save(started(whole.design, None).state_dict(), tmp_path / "base.pth")
    undisturbed = train(whole, unheard)
    validation = whole.validation
    told = make(name="ended", validation=validation)
    with pytest.raises(Ended):
        train(replace(told, judge=Told(values)), ended_after(ended))
    assert len(checkpoints.known(Path(told.folder)).epochs) == ended
    heard = Heard(told.folder)
    again = train(replace(told, judge=Told(values[ended:])), heard)
    assert ([each.number for each in heard.epochs], heard.last) == ([1, 2, 3, 4, 5, 6], [6])
    assert [each.metric for each in again.epochs] == values
    assert [each.loss for each in again.epochs] == [each.loss for each in undisturbed.epochs]
    assert are_equal(again.weights, undisturbed.weights)
    assert are_equal(again.best_weights, undisturbed.best_weights)


def test_a_training_that_is_over_learns_no_more(tmp_path: Path) -> None:
    family, values = dnn(epochs=9, early_stopping={"patience": 1}), [0.5, 0.6, 0.1]
    told = lesson(tmp_path, family, numbers(), judge=Told(values))
    first, heard = Heard(told.folder), Heard(told.folder)
    found = train(told, first)
    again = train(replace(told, judge=Told([])), heard)
    assert [each.metric for each in heard.epochs] == values
    assert first.last == heard.last == [3]
    assert are_equal(found.weights, again.weights)


def test_a_batch_whose_rows_weigh_nothing_is_passed_over(tmp_path: Path) -> None:
    rows = numbers(64)
    family = dnn(epochs=2, batch_size=8, shards=1)
    with pytest.raises(TrainingError, match="the weights of all training rows are 0"):
        train(lesson(tmp_path, family, replace(rows, weight=np.zeros(64, "f4"))), unheard)
    other = tmp_path / "other"
    other.mkdir()
    half = train(lesson(other, family, replace(rows, weight=(np.arange(64) % 16 == 0).astype("f4"))), unheard)
    assert all(math.isfinite(each.loss) for each in half.epochs)
    assert all(bool(each.isfinite().all()) for each in half.weights.values())


def test_a_finished_training_keeps_what_it_is_asked_for_again(tmp_path: Path) -> None:
    told = lesson(tmp_path, dnn(epochs=3), numbers())
    found = train(told, unheard)
    weights = dict(found.weights)
    before = (Path(told.folder) / checkpoints.FILE).stat().st_size
    found.finish(Path(told.folder), is_best=False)
    assert (Path(told.folder) / checkpoints.FILE).stat().st_size < before
    again = train(told, unheard)
    assert are_equal(again.weights, weights)
    assert [each.number for each in again.epochs] == [1, 2, 3]
    again.finish(Path(told.folder), is_best=True)
    assert [each.number for each in train(told, unheard).epochs] == [1, 2, 3]
