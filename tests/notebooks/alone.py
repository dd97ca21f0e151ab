"""Code run where lakesmith cannot be imported, though it has been imported already."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_lakesmith() -> Iterator[None]:
    """Importing lakesmith, or any module of it, fails inside the block."""
    held = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "lakesmith"}
    sys.modules.update(dict.fromkeys(held))  # None: an import of it raises
    try:
        yield
    finally:
        sys.modules.update(held)


def run_cells(source: str) -> dict[str, Any]:
    """The namespace after all cells of a notebook in Databricks' source format, run one after another."""
    first, *cells = source.split("\n# COMMAND ----------\n")
    assert first.startswith("# Databricks notebook source\n")
    space: dict[str, Any] = {"__name__": "notebook"}
    with without_lakesmith():
        for number, cell in enumerate([first, *cells]):
            exec(compile(cell, f"cell {number}", "exec"), space)
    return space
