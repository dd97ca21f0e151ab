"""A notebook as Jupyter's `.ipynb` (nbformat 4.5), with what its cells showed where it was run.

Magics stay in the cells, as in Databricks' own exports.
https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import json
from typing import Any

from lakesmith.notebooks.outputs import Output
from lakesmith.notebooks.runner import PYTHON, CellRun, NotebookRun
from lakesmith.notebooks.source import Notebook


def ipynb(found: Notebook | NotebookRun) -> str:
    """The text of the `.ipynb`."""
    runs = found.cells if isinstance(found, NotebookRun) else tuple(CellRun(cell) for cell in found.cells)
    document = {
        "cells": [_cell(run, number) for number, run in enumerate(runs, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1) + "\n"


def _cell(run: CellRun, number: int) -> dict[str, Any]:
    cell = run.cell
    about = {"id": f"cell-{number}", "metadata": {"title": cell.title} if cell.title else {}}
    if cell.magic == "md":
        return {"cell_type": "markdown", **about, "source": _lines(cell.text)}
    return {
        "cell_type": "code",
        **about,
        "execution_count": None if run.seconds is None else number,
        "source": _lines(cell.text if cell.magic in PYTHON else cell.source),
        "outputs": [_output(each, number) for each in run.outputs],
    }


def _output(output: Output, number: int) -> dict[str, Any]:
    if output.kind == "stdout":
        return {"output_type": "stream", "name": "stdout", "text": _lines(output.text)}
    if output.kind == "error":
        return {"output_type": "error", "ename": "error", "evalue": output.text, "traceback": [output.text]}
    faces = {"text/plain": _lines(output.text), **({"text/html": _lines(output.html)} if output.html else {})}
    if output.kind == "display":
        return {"output_type": "display_data", "data": faces, "metadata": {}}
    return {"output_type": "execute_result", "execution_count": number, "data": faces, "metadata": {}}


def _lines(text: str) -> list[str]:
    """The lines with their ends, as nbformat keeps text."""
    return text.splitlines(keepends=True)
