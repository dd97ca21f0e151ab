"""The label is an answer: no derivation may look at it, except history, at answers already known."""

from __future__ import annotations

from typing import Any

import pytest

from lakesmith.derivations import Derivation
from lakesmith.derivations.add_columns import AddColumns
from lakesmith.derivations.aggregate import Aggregate
from lakesmith.derivations.history import History
from lakesmith.derivations.join import Join
from lakesmith.derivations.label import check_label_use
from lakesmith.errors import ConfigError

MAKES_LABEL = AddColumns(columns={"is_late": "arr_delay > 15"})


def history(**more: Any) -> History:
    settings = {"by": ["carrier"], "over": "7 days", "time": "due", "known_at": "arrived_at", **more}
    return History.model_validate({"columns": {"share": "avg(is_late)"}, **settings})


@pytest.mark.parametrize(
    "steps",
    [
        [MAKES_LABEL],
        [AddColumns(columns={"is_late": "is_late = 'yes'"})],
        [MAKES_LABEL, history()],
        [Aggregate(by=("day",), columns={"is_late": "max(arr_delay) > 15"})],
    ],
)
def test_the_label_may_be_made_and_its_known_past_read(steps: list[Derivation]) -> None:
    check_label_use(steps, "is_late")


@pytest.mark.parametrize(
    ("step", "key"),
    [
        (AddColumns(columns={"hint": "not is_late"}), "steps[1].columns.hint"),
        (AddColumns(columns={"is_late": "is_late", "copy": "is_late"}), "steps[1].columns.copy"),
        (history(by=["is_late"]), "steps[1].by[0]"),
        (history(known_at="due"), "steps[1].columns.share"),
        (Join.model_validate({"with": "w", "on": {"is_late": "x"}, "columns": ["y"]}), "steps[1].on.is_late"),
        (Aggregate(by=("day",), columns={"share": "avg(is_late)"}), "steps[1].columns.share"),
    ],
)
def test_any_other_look_at_the_label_is_refused(step: Derivation, key: str) -> None:
    with pytest.raises(ConfigError, match="not known when a prediction is due") as caught:
        check_label_use([MAKES_LABEL, step], "is_late")
    assert caught.value.key == key


def test_a_label_with_dots_in_its_name_may_name_itself() -> None:
    check_label_use([AddColumns(columns={"is.late": "`is.late` > 0"})], "is.late")
