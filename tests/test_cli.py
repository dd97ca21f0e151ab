"""The command line: results to stdout, everything else to stderr, and an exit code for whose turn it is."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lakesmith import __version__, api, cli
from lakesmith.errors import ConfigError, ConfigErrors, DataError, EnvironmentFault, GateError, TrainingError

FLIGHTS = Path(__file__).parents[1] / "conf" / "flights.yml"


class Told:
    """Stands where a result stands."""

    exit_code = 4

    def text(self, width: int = 100, colour: bool = False) -> str:
        return f"a result in {'colour' if colour else 'plain words'}"

    def model_dump_json(self, *, indent: int | None = None) -> str:
        return json.dumps({"result": 1}, indent=indent)

    def told(self) -> tuple[str, ...]:
        return ("version 2 is champion",)


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.app(arguments)
    return int(caught.value.code or 0)


def raising(error: BaseException):
    def call(*_arguments: object, **_options: object) -> None:
        raise error

    return call


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("version") == 0
    assert capsys.readouterr().out == f"{__version__}\n"
    assert ended("--help") == 0
    told = capsys.readouterr().out
    assert all(name in told for name in ("validate", "show", "schema", "run", "status", "rollback", "ui", "demo-data"))
    assert "\x1b" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bogus",),
        ("validate",),
        ("run", "x.yml", "--select"),
        ("run", "x.yml", "--outptu", "json"),
        ("show", "x.yml", "--output", "text"),
        ("ui", "--port", "0"),
        ("ui", "--port", "x"),
        ("validate", "a", "b"),
    ],
)
def test_a_wrong_option_or_argument_ends_with_2_and_one_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(*arguments) == 2
    captured = capsys.readouterr()
    if arguments:
        assert captured.out == ""
        assert captured.err.startswith("error: ")
        assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ConfigError("is wrong", key="a.b", place="f.yml:3", fix="Do."), 2, "error: f.yml:3 a.b: is wrong. Do.\n"),
        (ConfigErrors([ConfigError("one"), ConfigError("two")]), 2, "error: one\nerror: two\n"),
        (DataError("2 rows:\n  a\n  b\x1b[31m", fix="\nDo."), 3, "error: 2 rows:\n  a\n  b\\x1b[31m. \nDo.\n"),
        (ConfigError("'a\nb' is no word"), 2, "error: 'a\\nb' is no word\n"),
        (TrainingError("no model"), 3, "error: no model\n"),
        (GateError("too weak"), 4, "error: too weak\n"),
        (EnvironmentFault("no Java", fix="Install it."), 5, "error: no Java. Install it.\n"),
        (OSError(errno.ENOSPC, "No space left on device", "/t/x"), 5, "disk full while writing /t/x. Free some space"),
        (RuntimeError("java.io.IOException: No space left on device"), 5, "disk full while writing the workspace"),
        (
            RuntimeError("(sqlite3.OperationalError) database or disk is full"),
            5,
            "disk full while writing the workspace",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/t/x"), 5, "Permission denied: '/t/x'. --debug shows"),
        (ValueError("first\nsecond"), 1, "error: unexpected ValueError: first. --debug shows the traceback.\n"),
        (KeyError(), 1, "error: unexpected KeyError: KeyError. --debug"),
        (KeyboardInterrupt(), 130, "interrupted; what was written is whole, and the next run goes on from it\n"),
    ],
)
def test_every_error_is_one_line_on_stderr_with_its_exit_code(
    error: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "run", raising(error))
    assert ended("run", "f.yml") == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err
    assert "Traceback" not in captured.err


def test_an_error_of_a_library_is_its_first_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module, message, code in (
        ("pyspark.errors", "[CAST_INVALID_INPUT] 'x' is no INT.\nJVM stacktrace:\n at org", 3),
        ("pyspark.errors", "[JAVA_GATEWAY_EXITED] Java gateway process exited", 5),
        ("py4j.protocol", "Answer from Java side is empty", 5),
        ("mlflow.exceptions", "no store", 5),
    ):
        kind = type("LibraryError", (Exception,), {"__module__": module})
        monkeypatch.setattr(api, "run", raising(kind(message)))
        assert ended("run", "f.yml") == code
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert message.partition("\n")[0].rstrip(".") in told
        assert "--debug" in told


def test_debug_anywhere_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "run", raising(ValueError("x")))
    for arguments in (("run", "f.yml", "--debug"), ("--debug", "run", "f.yml")):
        assert ended(*arguments) == 1
        assert "Traceback" in capsys.readouterr().err


def test_run_hands_its_options_on_and_ends_as_the_summary_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: dict[str, object] = {}

    def run(path: str, **options: object) -> Told:
        seen.update(path=path, **options)
        return Told()

    monkeypatch.setattr(api, "run", run)
    arguments = ("run", "f.yml", "--select", "train+", "--set", "a.b=c", "--set", "d=[1, 2]")
    assert ended(*arguments, "--env", "dev", "--workspace", "w") == 4
    assert capsys.readouterr().out == "a result in plain words\n"
    assert seen == {"path": "f.yml", "select": "train+", "sets": ["a.b=c", "d=[1, 2]"], "env": "dev", "workspace": "w"}
    assert ended("run", "f.yml", "--output", "json") == 4
    assert json.loads(capsys.readouterr().out) == {"result": 1}


def test_a_dry_run_names_the_stages_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(api, "run", raising(AssertionError("ran")))
    monkeypatch.setattr(api, "plan", lambda *_a, **_o: ["train", "evaluate"])
    assert ended("run", "f.yml", "--dry-run") == 0
    assert capsys.readouterr().out == "train\nevaluate\n"
    assert ended("run", "f.yml", "--dry-run", "--output", "json") == 0
    assert json.loads(capsys.readouterr().out) == {"stages": ["train", "evaluate"]}


def test_validate_tells_every_mistake_as_json_where_a_program_reads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mistakes = [ConfigError("is missing", key="name", place="f.yml:1", fix="Add it."), ConfigError("two")]
    monkeypatch.setattr(api, "validate", raising(ConfigErrors(mistakes)))
    assert ended("validate", "f.yml", "--output", "json") == 2
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] is False
    assert told["errors"][0] == {"place": "f.yml:1", "key": "name", "message": "is missing", "fix": "Add it."}
    monkeypatch.setattr(api, "validate", lambda *_a, **_o: None)
    assert ended("validate", "f.yml", "--output", "json") == 0
    assert json.loads(capsys.readouterr().out) == {"valid": True, "errors": []}
    assert ended("validate", "f.yml") == 0
    assert capsys.readouterr().out == "f.yml is valid.\n"


def test_status_and_rollback_hand_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(api, "status", lambda *_a, **_o: Told())
    monkeypatch.setattr(api, "rollback", lambda *_a, **_o: Told())
    assert ended("status", "--output", "json") == 0
    assert json.loads(capsys.readouterr().out) == {"result": 1}
    assert ended("rollback", "f.yml") == 0
    assert capsys.readouterr().out == "version 2 is champion\n"


def test_show_prints_the_file_as_read_and_with_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conf = tmp_path / "f.yml"
    conf.write_text("name: flights  # a comment\non: NO\n")
    assert ended("show", str(conf), "--set", "seed=0123") == 0
    assert capsys.readouterr().out == "name: flights\n'on': 'NO'\nseed: 123\n"
    assert ended("show", str(conf), "--output", "json") == 0
    assert json.loads(capsys.readouterr().out) == {"name": "flights", "on": "NO"}


def test_colours_are_for_terminals_that_want_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    cli._print(Told(), cli.Output.text)
    monkeypatch.setenv("NO_COLOR", "1")
    cli._print(Told(), cli.Output.text)
    assert capsys.readouterr().out == "a result in colour\na result in plain words\n"


def test_demo_data_names_what_it_wrote_and_keeps_quiet_when_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from lakesmith import demo_data

    monkeypatch.setattr(demo_data, "unpack", lambda folder: [folder / "a.csv"])
    monkeypatch.chdir(tmp_path)
    assert ended("demo-data", "--workspace", str(tmp_path / "w")) == 0
    assert capsys.readouterr().out.rstrip().endswith("a.csv")
    assert ended("demo-data", "--quiet") == 0
    assert capsys.readouterr().out == ""


def python(*arguments: str) -> SimpleNamespace:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=120)
    return SimpleNamespace(code=done.returncode, out=done.stdout, err=done.stderr)


def test_the_module_runs_and_a_closed_pipe_is_no_error() -> None:
    assert python("-m", "lakesmith", "version").out == f"{__version__}\n"
    shell = f"{sys.executable} -m lakesmith --help | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "0"


def test_the_command_line_itself_imports_nothing_heavy() -> None:
    heavy = "{'pyspark', 'mlflow', 'numpy', 'pandas', 'sqlglot', 'xgboost', 'yaml', 'pydantic'}"
    assert python("-c", f"import sys, lakesmith.cli; print(sorted({heavy} & set(sys.modules)))").out == "[]\n"


def test_validate_and_schema_import_neither_spark_nor_mlflow() -> None:
    heavy = "{'pyspark', 'mlflow', 'xgboost', 'hyperopt', 'sklearn', 'delta', 'pandas', 'pyarrow', 'py4j'}"
    for arguments in (["validate", str(FLIGHTS)], ["schema"], ["show", str(FLIGHTS), "--resolved"]):
        script = f"import sys; from lakesmith import cli\ntry: cli.app({arguments})\n"
        script += f"except SystemExit as end: print('code', end.code, sorted({heavy} & set(sys.modules)))"
        assert python("-c", script).out.splitlines()[-1] == "code 0 []"


def test_what_show_resolved_prints_is_the_same_project(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for conf in sorted(FLIGHTS.parent.glob("*.yml")):
        assert ended("show", str(conf), "--resolved") == 0
        text = capsys.readouterr().out
        copy = tmp_path / conf.name
        copy.write_text(text)
        assert ended("show", str(copy), "--resolved") == 0
        again = capsys.readouterr().out
        assert again.partition("\n# places")[0] == text.partition("\n# places")[0]


def test_a_mistake_in_a_project_is_told_with_file_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conf = tmp_path / "flights.yml"
    conf.write_text(FLIGHTS.read_text().replace("\nseed:", "\nsede:"))
    assert ended("validate", str(conf)) == 2
    told = capsys.readouterr().err
    assert "sede: there is no such key here" in told
    assert "Did you mean 'seed'?" in told
    assert ended("validate", str(FLIGHTS), "--set", "tune.max_trails=3") == 2
    assert "--set tune.max_trails=3 tune.max_trails: there is no such key" in capsys.readouterr().err
    assert ended("validate", str(FLIGHTS), "--env", "nowhere") == 2
    assert "no environment 'nowhere'" in capsys.readouterr().err
