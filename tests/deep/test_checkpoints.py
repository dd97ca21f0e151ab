"""Checkpoints: whole or not there, and nothing in them that runs."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from lakesmith.deep import checkpoints
from lakesmith.deep.checkpoints import FILE, Epoch, Progress, known


class Killed(BaseException):
    """A kill, as far as Python can tell of one."""


def weights(value: float) -> dict[str, Any]:
    return {"w": torch.full((3,), value)}


def after(*metrics: float | None, min_delta: float = 0.0, greater_is_better: bool = True) -> Progress:
    made = Progress()
    for number, metric in enumerate(metrics, start=1):
        epoch = Epoch(number, 1.0 / number, metric, 100.0)
        made.add(epoch, weights(number), greater_is_better=greater_is_better, min_delta=min_delta)
    return made


def test_a_progress_survives_and_is_read_without_running_anything(tmp_path: Path) -> None:
    made = after(0.5, 0.75, 0.5)
    made.optimizer, made.is_over = {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 0.1}]}, True
    made.save(tmp_path)
    found = known(tmp_path)
    assert found.epochs == made.epochs
    assert (found.best, found.is_over, found.optimizer) == (2, True, made.optimizer)
    assert (found.weights["w"].tolist(), found.best_weights["w"].tolist()) == ([3.0] * 3, [2.0] * 3)
    assert torch.load(tmp_path / FILE, weights_only=True).keys() == vars(made).keys()


def test_code_in_a_checkpoint_is_refused(tmp_path: Path) -> None:
    torch.save({"weights": {}, "optimizer": Killed}, tmp_path / FILE)
    with pytest.raises(pickle.UnpicklingError):
        known(tmp_path)


def test_a_training_that_has_not_begun_has_no_epochs(tmp_path: Path) -> None:
    assert known(tmp_path) == Progress()


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("where", ["write", "fsync", "replace"])
def test_a_kill_while_it_is_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, is_first: bool
) -> None:
    if not is_first:
        after(0.5).save(tmp_path)

    def killed(*_arguments: Any) -> Any:
        raise Killed

    whole = checkpoints.packed
    with monkeypatch.context() as patched:
        if where == "fsync":
            patched.setattr("os.fsync", killed)
        elif where == "replace":
            patched.setattr(Path, "replace", killed)
        else:  # half of it is on the disk
            patched.setattr(checkpoints, "packed", lambda content: whole(content)[:200])
            patched.setattr("os.fsync", killed)
        with pytest.raises(Killed):
            after(0.5, 0.6).save(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != FILE]  # something was begun
    assert len(known(tmp_path).epochs) == (0 if is_first else 1)
    after(0.5, 0.6, 0.7).save(tmp_path)
    assert known(tmp_path).best == 3


def test_the_best_epoch_is_the_first_with_the_best_metric() -> None:
    assert after(0.5, 0.75, 0.75, 0.5).best == 2
    assert after(3.0, 1.0, 2.0, greater_is_better=False).best == 2
    assert after(0.5, 0.55, 0.65, min_delta=0.1).best == 3
    assert after(None, None).best == 0


def test_what_is_no_number_is_never_the_best() -> None:
    found = after(math.nan, 0.1, math.nan, 0.05)
    assert (found.best, found.best_weights["w"].tolist()) == (2, [2.0] * 3)
    assert after(math.nan, math.nan).best == 0


def test_best_weights_are_a_copy() -> None:
    made = after(0.5)
    made.weights["w"].zero_()
    assert made.best_weights["w"].tolist() == [1.0] * 3


def test_a_training_is_stale_after_patience_epochs_without_a_better_one() -> None:
    assert [after(*[0.5, 0.6, 0.4, 0.5][:n]).is_stale(2) for n in (1, 2, 3, 4)] == [False, False, False, True]
    assert [after(*[math.nan] * n).is_stale(2) for n in (1, 2)] == [False, True]
