"""Schedules: their values at the start, in the middle and at the end, and beside torch's own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from examples.schedules import EXAMPLES
from lakesmith.families.dnn import Dnn
from lakesmith.schedules import AnySchedule, Schedule
from lakesmith.schedules.cosine import Cosine
from lakesmith.schedules.one_cycle import OneCycle

EPOCHS = 20


def schedule(**told: Any) -> Schedule:
    found: Schedule = TypeAdapter(AnySchedule).validate_json(json.dumps(told), strict=True)
    return found


@pytest.mark.parametrize(
    ("kind", "start", "middle", "end"),
    [
        ("constant", 1.0, 1.0, 1.0),
        ("cosine", 0.0, 0.5 * (1 + np.cos(np.pi * 8 / 18)), 0.0),  # 2 epochs of warm-up
        ("exponential", 1.0, 0.9**10, 0.9**20),
        ("one_cycle", 0.04, 0.5 * (1 + np.cos(np.pi / 6)), 0.0),  # 0.1 of the 0.6 that it falls in
        ("step", 1.0, 0.5**2, 0.5**4),
    ],
)
def test_an_example_at_the_start_in_the_middle_and_at_the_end(
    kind: str, start: float, middle: float, end: float
) -> None:
    made = schedule(**EXAMPLES[kind])
    assert [made.factor(at, EPOCHS) for at in (0, 10, 20)] == pytest.approx([start, middle, end], abs=1e-12)


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("epochs", [1, 2, 3, 20])
def test_a_factor_is_never_negative_and_never_above_one(kind: str, epochs: int) -> None:
    made = schedule(**EXAMPLES[kind])
    factors = [made.factor(at, epochs) for at in np.linspace(0, epochs, 101)]
    assert 0 <= min(factors) <= max(factors) <= 1


def test_a_step_and_an_exponential_change_between_epochs_only() -> None:
    every_other = schedule(kind="step", every=2, factor_each=0.5)
    assert [every_other.factor(at, 9) for at in (0, 1.99, 2, 3.5, 4)] == [1, 1, 0.5, 0.5, 0.25]
    assert schedule(kind="exponential", factor_each=0.5).factor(2.75, 9) == 0.25


def test_a_cosine_rises_over_its_warm_up() -> None:
    made = Cosine(warmup_epochs=4)
    assert [made.factor(at, 20) for at in (0, 1, 4, 12, 20)] == pytest.approx([0, 0.25, 1, 0.5, 0])


def torch_rates(name: str, steps: int, **arguments: Any) -> list[float]:
    """The rates of a schedule of torch before each of the steps and after the last, with the rate 1."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    found = getattr(torch.optim.lr_scheduler, name)(optimizer, **arguments)
    rates = []
    for _ in range(steps + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) <= steps:
            found.step()
    return rates


def test_a_cosine_is_torchs() -> None:
    rates = torch_rates("CosineAnnealingLR", EPOCHS, T_max=EPOCHS)
    assert [Cosine().factor(at, EPOCHS) for at in range(EPOCHS + 1)] == pytest.approx(rates, abs=1e-9)


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_one_cycle_is_torchs(share: float) -> None:
    # Torch reaches the top one step before its share of them, and ends one step before its last.
    told = {"total_steps": EPOCHS + 1, "pct_start": (share * EPOCHS + 1) / (EPOCHS + 1), "final_div_factor": 1e12}
    rates = torch_rates("OneCycleLR", EPOCHS, max_lr=1.0, cycle_momentum=False, **told)
    found = [OneCycle(rising_share=share).factor(at, EPOCHS) for at in range(EPOCHS + 1)]
    assert found == pytest.approx(rates, abs=1e-9)


def test_a_family_multiplies_its_rate_and_fine_tuning_has_its_own() -> None:
    plain = Dnn(learning_rate=0.2, epochs=4, schedule={"kind": "cosine"})
    assert [plain.rate(at) for at in (0, 2, 4)] == pytest.approx([0.2, 0.1, 0])
    tuned = Dnn(
        learning_rate=0.2, epochs=4, schedule={"kind": "cosine"}, base="b.pth",
        fine_tune={"epochs": 2, "learning_rate": 0.003},
    )  # fmt: skip
    assert [tuned.rate(at) for at in (0, 2, 4, 5.9)] == pytest.approx([0.2, 0.1, 0.003, 0.003])
