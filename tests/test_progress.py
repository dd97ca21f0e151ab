from __future__ import annotations

import io
import sys
import threading

import pytest

from lakesmith.progress import Progress


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def test_a_stage_tells_its_start_its_facts_and_its_seconds() -> None:
    stream = io.StringIO()
    with Progress(stream).stage("ingest") as stage:
        stage.fact("flights: 336,776 read = 336,776 accepted + 0 quarantined")
        stage.fact("weather: 3 read = 3 accepted + 0 quarantined")
    started, done, more = lines(stream)
    assert started == "ingest    started"
    assert done.startswith("ingest    flights: 336,776 read = 336,776 accepted + 0 quarantined   ")
    assert done.endswith(" 0.0 s")
    assert more == "          weather: 3 read = 3 accepted + 0 quarantined"


def test_a_stage_with_nothing_to_do_says_so() -> None:
    stream = io.StringIO()
    with Progress(stream).stage("clean") as stage:
        stage.skipped("nothing changed")
    assert lines(stream)[-1].startswith("clean     nothing changed  ")


def test_a_failing_stage_is_told_and_its_error_passed_on() -> None:
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError), Progress(stream).stage("train"):
        _ = 1 / 0
    assert lines(stream)[-1].startswith("train     failed  ")


def test_an_interrupt_is_not_called_a_failure() -> None:
    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt), Progress(stream).stage("train"):
        raise KeyboardInterrupt
    assert lines(stream)[-1].startswith("train     interrupted  ")


def test_a_step_is_indented_under_its_stage() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    with progress.stage("train"), progress.stage("features") as step:
        step.fact("19 columns into 132 slots")
    assert lines(stream)[1].startswith("          features: 19 columns into 132 slots  ")


def test_trial_lines_tell_value_best_and_why_one_failed() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.trial(3, family="xgboost", metric="roc_auc", value=0.7712, best=0.779, total=10, seconds=12)
    progress.trial(4, family="gbt", metric="roc_auc", total=10, status="timed_out", reason="stopped after 60 s")
    assert [" ".join(line.split()) for line in lines(stream)] == [
        "trial 3/10 xgboost roc_auc 0.7712 (best 0.7790) 12 s",
        "trial 4/10 gbt timed out: stopped after 60 s",
    ]


def test_a_pipe_gets_no_escape_codes_and_a_terminal_does() -> None:
    for stream, has_codes in ((io.StringIO(), False), (Terminal(), True)):
        with Progress(stream).stage("ingest") as stage:
            stage.fact("done")
        assert ("\x1b[" in stream.getvalue()) is has_codes


def test_no_color_keeps_the_live_line_and_takes_the_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    with Progress(stream).stage("ingest"):
        pass
    assert "\x1b[?25l" in stream.getvalue()
    assert "32m" not in stream.getvalue()


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    with Progress(stream).stage("ingest"):
        pass
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("is_live", [False, True])
def test_escape_codes_in_names_are_shown_not_obeyed(is_live: bool) -> None:
    stream = Terminal()
    Progress(stream, is_live=is_live).warn("column 'a\x1b[2Jb' [bold]is odd[/bold]")
    assert "\x1b[2J" not in stream.getvalue()
    assert "\\x1b[2Jb' [bold]is odd[/bold]" in stream.getvalue()


@pytest.mark.parametrize("is_live", [False, True])
def test_nothing_is_written_to_stdout(capsys: pytest.CaptureFixture[str], is_live: bool) -> None:
    stdout = sys.stdout
    progress = Progress(Terminal(), is_live=is_live)
    with progress.stage("ingest") as stage:
        assert sys.stdout is stdout
        stage.doing("reading")
        progress.say("a line")
    assert capsys.readouterr().out == ""


def test_silent_progress_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress.silent()
    with progress.stage("ingest"):
        progress.warn("unheard")
    assert capsys.readouterr() == ("", "")


def test_a_closed_stream_does_not_stop_the_run() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    stream.close()
    with progress.stage("ingest"):
        progress.say("unheard")


def test_characters_the_stream_cannot_write_are_replaced() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Progress(stream).say("é−")
    assert raw.getvalue() == b"          ??\n"


def test_lines_of_many_threads_do_not_mix() -> None:
    stream = io.StringIO()
    progress = Progress(stream)

    def tell(family: str) -> None:
        for number in range(50):
            progress.trial(number, family=family, metric="m", value=0.5, seconds=1)

    threads = [threading.Thread(target=tell, args=(f"family_{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(stream)) == 400
    assert all(line.strip().startswith("trial ") and line.endswith(" 1.0 s") for line in lines(stream))
