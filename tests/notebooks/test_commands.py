"""`lakesmith notebook …`: what it hands on, prints and ends with."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakesmith import api, cli
from lakesmith.notebooks.outputs import Output
from lakesmith.notebooks.runner import After, CellRun
from lakesmith.notebooks.source import Cell
from notebooks.tiny import notebook


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.app(["notebook", *arguments])
    return int(caught.value.code or 0)


def test_run_hands_on_its_options_and_prints_what_was_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[object] = []

    def run_notebook(*arguments: object, after: After, **options: object) -> None:
        calls.append((arguments, options))
        after(1, CellRun(Cell("x"), (Output("stdout", "shown\n"), Output("error", "told by the error itself")), 0.2))

    monkeypatch.setattr(api, "run_notebook", run_notebook)
    assert ended("run", "n.py", "--param", "a=1=2", "--param", "b=", "--workspace", "w") == 0
    assert capsys.readouterr() == ("shown\n", "cell 1  0.2 s\n")
    assert ended("run", "n.py", "--to", "n.html") == 0
    assert capsys.readouterr().out == "written    n.html\n"
    assert calls == [
        (("n.py", {"a": "1=2", "b": ""}), {"target": None, "workspace": "w"}),
        (("n.py", {}), {"target": "n.html", "workspace": None}),
    ]


def test_convert_writes_beside_the_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = notebook(tmp_path, "x = 1")
    assert ended("convert", str(tiny.path)) == 0
    assert capsys.readouterr().out == f"written    {tmp_path / 'tiny.ipynb'}\n"
    assert (tmp_path / "tiny.ipynb").is_file()


def test_mistakes_end_with_their_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = notebook(tmp_path, "%run ./other")
    assert ended("run", str(tiny.path), "--param", "project") == 2
    assert "expected name=value" in capsys.readouterr().err
    assert ended("run", str(tiny.path)) == 2
    assert "%run is not followed" in capsys.readouterr().err
    assert ended("run", str(tmp_path / "missing.py")) == 2
    assert "cannot be read as a notebook" in capsys.readouterr().err
