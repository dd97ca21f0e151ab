"""Petastorm is let in by one door, and leaves pyarrow and numpy as they were."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import lakesmith
from lakesmith.deep import petastorm_engine

ROOT = Path(lakesmith.__file__).parent
DOOR = {"petastorm_compat.py", "petastorm_pools.py"}


def python(code: str) -> str:
    """What a fresh interpreter prints that finds what this one does."""
    path = f"import sys; sys.path[:] = {sys.path!r}\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", path + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pyarrow_and_numpy_are_as_they_were_and_nothing_heavy_is_imported() -> None:
    assert python(
        """
import numpy, pandas, pyarrow, pyarrow.dataset, pyarrow.fs, pyarrow.parquet, pyarrow.compute, pyarrow.ipc
def state():
    modules = {n: m for n, m in list(sys.modules.items()) if n.split(".")[0] in ("numpy", "pyarrow") and m}
    return {(n, key): id(value) for n, m in modules.items() for key, value in vars(m).items()}
from lakesmith.deep import batches, tensorflow_batches, frames
print(sorted({"petastorm", "torch", "tensorflow", "pyspark"} & set(sys.modules)))
before = state()
from lakesmith.deep import petastorm_compat
petastorm_compat.load()
after = state()
new = {n for n, key in after} - {n for n, key in before}
print("petastorm.reader" in sys.modules, sorted({"torch", "tensorflow", "pyspark"} & set(sys.modules)))
changed = {each for each in before.keys() | after.keys() if before.get(each) != after.get(each)}
print(sorted(each for each in changed if each[0] not in new and f"{each[0]}.{each[1]}" not in sys.modules))
print(hasattr(numpy, "unicode_"), "pyarrow.hdfs" in sys.modules, "pyarrow.filesystem" in sys.modules)
"""
    ).splitlines() == ["[]", "True []", "[]", "False False False"]


def test_without_petastorm_pyarrow_reads_and_petastorm_is_refused_by_name(tmp_path: Path) -> None:
    assert python(
        f"""
import numpy, pyarrow, pyarrow.parquet
pyarrow.parquet.write_table(pyarrow.table({{"x": [1.0, 2.0]}}), {str(tmp_path / "a.parquet")!r})
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("petastorm", "torch"):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Gone())
from lakesmith.deep import petastorm_engine
from lakesmith.deep.batches import batches
from lakesmith.errors import EnvironmentFault
petastorm_engine.is_installed = lambda: False
found = batches({str(tmp_path)!r})
print(found.engine, [batch["x"].tolist() for batch in found.numpy()])
for run in (lambda: next(iter(found)), lambda: next(batches({str(tmp_path)!r}, engine="petastorm").numpy())):
    try:
        run()
    except EnvironmentFault as error:
        print(error)
"""
    ).splitlines() == [
        "pyarrow [[1.0, 2.0]]",
        "torch is not installed. pip install 'lakesmith[deep]'.",
        "petastorm.reader needs 'petastorm', which is not installed. pip install 'lakesmith[deep]', or leave engine= "
        "out: pyarrow alone reads as well.",
    ]


def test_petastorm_is_what_reads_where_it_is_installed() -> None:
    assert petastorm_engine.is_installed()


def test_nothing_else_imports_petastorm() -> None:
    importers = {
        path.name
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(each.name.split(".")[0] == "petastorm" for each in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "petastorm")
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("petastorm."))
    }
    assert importers == DOOR
