from __future__ import annotations

import json
import re

import pytest
from pydantic import ValidationError

from lakesmith.facts import (
    GateVerdict,
    MetricRow,
    ModelVersion,
    RowAccounting,
    SourceRows,
    StepRows,
    TableVersion,
    Trial,
)
from lakesmith.summary import ProjectStatus, RunSummary, StageLine, StatusView, aligned

ROWS = RowAccounting(
    main_source="flights",
    sources=(SourceRows(source="flights", read=100, accepted=98, quarantined=2),),
    steps=(StepRows(source="flights", step="drop_duplicates", kept=97, dropped=1),),
    gold=97,
    parts=(("train", 70), ("test", 27)),
)
AUC = MetricRow(
    metric="roc_auc", title="ROC AUC", challenger=0.779, interval=(0.77, 0.788), baseline=0.5,
    challenger_shared=0.78, champion_shared=0.765, difference=(0.01, 0.02),
)  # fmt: skip


def finished_run(**fields: object) -> RunSummary:
    return RunSummary(
        **{
            "project": "flights",
            "stages": (StageLine(name="ingest", seconds=4.2), StageLine(name="clean", seconds=0.1, is_no_op=True)),
            "metrics": (AUC,),
            "test_rows": 27,
            "shared_rows": 20,
            "gates": (GateVerdict(gate="threshold roc_auc", passed=True, reason="0.7790 is at least 0.7"),),
            "rows": ROWS,
            "trials": (Trial(number=1, family="xgboost", value=0.78, is_chosen=True),),
            "model": ModelVersion(name="flights", version="3", aliases=("challenger",)),
            "report": "reports/flights.html",
            "next_command": "lakesmith ui",
            **fields,
        }
    )


def test_the_summary_tells_everything_a_run_came_to() -> None:
    assert finished_run().text(80) == (
        "flights\n"
        "The gate passed: ROC AUC is 0.7790 on 27 test rows; the naive baseline has\n"
        "0.5000, the champion 0.7650 against 0.7800 on the 20 rows both were tested on\n"
        "(difference +0.0100 to +0.0200).\n"
        "stages     ingest    4.2 s\n"
        "           clean     0.1 s  nothing changed\n"
        "           together  4.3 s\n"
        "rows       flights  100 read = 98 accepted + 2 quarantined\n"
        "           flights  97 after cleaning, 0 quarantined, 1 dropped\n"
        "           gold     97 = 70 train + 27 test\n"
        "trials     1 finished\n"
        "           chosen: trial 1, xgboost, 0.7800\n"
        "metrics    on 27 test rows  challenger     95 % interval  baseline\n"
        "           roc_auc              0.7790  0.7700 to 0.7880    0.5000\n"
        "champion   on 20 shared test rows  challenger  champion  difference       95 % interval\n"
        "           roc_auc                     0.7800    0.7650     +0.0150  +0.0100 to +0.0200\n"
        "gates      passed threshold roc_auc: 0.7790 is at least 0.7\n"
        "model      flights version 3 @challenger\n"
        "report     reports/flights.html\n"
        "next       lakesmith ui\n"
    )


def test_a_run_that_stopped_early_tells_only_what_it_reached() -> None:
    summary = RunSummary(project="flights", stages=(StageLine(name="ingest", seconds=1),), exit_code=3)
    assert summary.text() == "flights\nstages     ingest    1.0 s\n           together  1.0 s\n"


def test_a_failed_gate_is_in_capitals_and_in_the_first_sentence() -> None:
    text = finished_run(gates=(GateVerdict(gate="threshold roc_auc", passed=False, reason="too low"),)).text()
    assert "FAILED threshold roc_auc: too low" in text
    assert text.splitlines()[1].startswith("The gate failed: ROC AUC is 0.7790")


def test_colour_changes_only_escape_codes() -> None:
    plain, coloured = finished_run().text(80), finished_run().text(80, colour=True)
    assert "\x1b[32m" in coloured
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_a_narrow_terminal_wraps_sentences_and_keeps_their_words() -> None:
    reason = "the interval of the difference reaches below zero, so it may well be noise"
    text = finished_run(gates=(GateVerdict(gate="improvement", passed=False, reason=reason),)).text(50)
    wrapped = [line for line in text.splitlines() if "FAILED" in line or "noise" in line or "interval of" in line]
    assert all(len(line) <= 50 for line in wrapped)
    assert reason in " ".join(text.split())


def test_escape_codes_from_the_data_are_shown_not_obeyed() -> None:
    text = finished_run(project="a\x1b[2Jb", gates=(GateVerdict(gate="\x1b[1m", passed=True, reason="\x07"),)).text()
    assert "\x1b" not in text
    assert "\x07" not in text


def test_records_that_do_not_add_up_are_called_out() -> None:
    lost = RowAccounting(sources=(SourceRows(source="s", read=10, accepted=8),))
    assert "DOES NOT ADD UP" in finished_run(rows=lost).text()


def test_the_json_of_a_summary_is_its_fields() -> None:
    told = json.loads(finished_run().model_dump_json())
    assert told["model"]["version"] == "3"
    assert told["metrics"][0]["interval"] == [0.77, 0.788]
    assert told["exit_code"] == 0


def test_a_summary_is_frozen_and_refuses_unknown_fields() -> None:
    with pytest.raises(ValidationError):
        RunSummary(project="p", extra=1)  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        finished_run().project = "q"  # type: ignore[misc]


def test_wide_characters_keep_columns_aligned() -> None:
    assert aligned([("漢字", "1"), ("abcd", "22")], right=(1,)) == ["漢字   1", "abcd  22"]


def test_the_status_tells_tables_models_and_gates_of_every_project() -> None:
    champion = ModelVersion(name="flights", version="2", aliases=("champion",), metrics=(("roc_auc", 0.765),))
    one = ProjectStatus(
        project="flights", tables=(TableVersion(name="gold", version=4, rows=97),), rows=ROWS, champion=champion,
        gates=(GateVerdict(gate="threshold", passed=True),), report="reports/flights.html",
    )  # fmt: skip
    text = StatusView(workspace="/data/.lakesmith", projects=(one, ProjectStatus(project="wine"))).text(80)
    assert text == (
        "workspace /data/.lakesmith\n"
        "\n"
        "flights\n"
        "tables     gold  version 4  97 rows\n"
        "rows       flights  100 read = 98 accepted + 2 quarantined\n"
        "           flights  97 after cleaning, 0 quarantined, 1 dropped\n"
        "           gold     97 = 70 train + 27 test\n"
        "champion   flights version 2 @champion\n"
        "           roc_auc 0.7650\n"
        "challenger none\n"
        "gates      passed threshold\n"
        "report     reports/flights.html\n"
        "\n"
        "wine\n"
        "champion   none\n"
        "challenger none\n"
    )


def test_an_empty_workspace_says_that_nothing_has_run() -> None:
    assert StatusView(workspace="w").text() == "workspace w\nNo project has run here yet.\n"
