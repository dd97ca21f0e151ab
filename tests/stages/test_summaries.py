from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lakesmith.errors import GateError
from lakesmith.stages.stage import Outcome
from lakesmith.stages.summaries import summary
from lakesmith.summary import RunSummary
from tests.stages.recordings import FakeTracking, FakeWorkspace, evaluated, results

REFUSED = GateError("version 3 stays challenger: roc_auc is 0.6", fix="Look at the report.")


def closed(
    folder: Path, *stages: str, skipped: bool = False, refused: GateError | None = None, **workspace: Any
) -> RunSummary:
    found = FakeWorkspace(folder / "flights", **workspace)
    outcomes = [Outcome(each, found.results[each], "key", skipped, 1.5) for each in stages]
    return summary(found, outcomes, folder / "flights" / "report.html", refused)  # type: ignore[arg-type]


def test_a_whole_run_is_told_with_everything_it_came_to(tmp_path: Path) -> None:
    told = closed(tmp_path, *results())
    assert [(line.name, line.seconds) for line in told.stages] == [(name, 1.5) for name in results()]
    assert told.stages[0].fact == "flights: 100 read = 98 accepted + 2 quarantined"
    assert told.metrics[0].metric == told.headline == "roc_auc"
    assert (told.test_rows, told.shared_rows) == (200, 200)
    assert [gate.passed for gate in told.gates] == [True]
    assert told.rows is not None
    assert told.rows.gold == 97
    assert told.model is not None
    assert (told.model.version, told.model.aliases) == ("3", ("challenger", "champion"))
    assert (told.predictions, told.exit_code) == (180, 0)
    assert told.stopped_because == "max_trials were run"
    assert "ROC AUC is 0.9" in told.text()


def test_stages_with_nothing_to_do_say_so(tmp_path: Path) -> None:
    told = closed(tmp_path, "ingest", skipped=True)
    assert (told.stages[0].is_no_op, told.stages[0].fact) == (True, "nothing changed")


def test_parts_that_the_run_did_not_reach_are_empty(tmp_path: Path) -> None:
    told = closed(tmp_path, "ingest", "clean")
    assert told.rows is not None
    assert (told.metrics, told.gates, told.trials, told.model, told.predictions) == ((), (), (), None, None)
    scored = closed(tmp_path, "score")
    assert (scored.rows, scored.metrics, scored.predictions) == (None, (), 180)


def test_a_failed_gate_ends_with_code_four_and_says_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed = {**results(), "evaluate": evaluated(passed=False)}
    told = closed(tmp_path, "train", "evaluate", refused=REFUSED, results=failed)
    assert told.exit_code == 4
    assert (told.stages[-1].name, told.stages[-1].fact) == (
        "promote",
        "refused: version 3 stays challenger: roc_auc is 0.6",
    )
    assert [gate.passed for gate in told.gates] == [False]
    assert told.report == "flights/report.html"
    assert told.next_command == (
        "look at flights/report.html, change PROJECT.yml, then lakesmith run PROJECT.yml --select train+ --workspace ."
    )


def test_promote_alone_tells_the_gates_that_refused_it(tmp_path: Path) -> None:
    told = closed(tmp_path, refused=REFUSED)
    assert len(told.gates) == 1
    assert told.metrics
    assert [line.name for line in told.stages] == ["promote"]


@pytest.mark.parametrize(("last", "command"), [("clean", "--select derive+"), ("train", "--select evaluate+")])
def test_after_part_of_the_flow_the_rest_comes_next(tmp_path: Path, last: str, command: str) -> None:
    assert command in closed(tmp_path, last).next_command


def test_after_the_whole_flow_the_pages_come_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert closed(tmp_path, *results()).next_command == f"lakesmith ui --workspace {tmp_path}"
    monkeypatch.setenv("LAKESMITH_WORKSPACE", str(tmp_path))
    assert closed(tmp_path, *results()).next_command == "lakesmith ui"


def test_a_report_outside_the_folder_one_stands_in_is_named_in_full(tmp_path: Path) -> None:
    assert closed(tmp_path, "score").report == str(tmp_path / "flights" / "report.html")


def test_the_aliases_are_those_of_now(tmp_path: Path) -> None:
    told = closed(tmp_path, "train", tracking=FakeTracking(aliases={"challenger": 3, "champion": 2}))
    assert told.model is not None
    assert told.model.aliases == ("challenger",)
