"""Notebooks of a few cells."""

from __future__ import annotations

from pathlib import Path

from lakesmith.notebooks.source import Cell, Notebook, read, written


def notebook(folder: Path, *sources: str) -> Notebook:
    """A notebook file `tiny.py` with these cells."""
    path = folder / "tiny.py"
    path.write_text(written([Cell(each) for each in sources]))
    return read(path)
