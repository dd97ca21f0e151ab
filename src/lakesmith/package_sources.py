"""The package's own source files, wherever it was imported from: a folder, a wheel or a zip."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

PACKAGES = ("lakesmith", "lakesmith_stages")


@cache
def package_digest() -> str:
    """SHA-256 over the sources, in 16 hex digits."""
    digest = hashlib.sha256()
    for name, file in sources():
        digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def zipped(path: Path) -> Path:
    """The sources as a zip that Python imports from, for processes that nobody has given the package to."""
    temporary = path.with_name(f".{path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()  # a zip is written back and forth, which a Databricks volume does not allow
    with zipfile.ZipFile(content, "w") as archive:
        for name, file in sources():
            archive.writestr(name, file.read_bytes())
    temporary.write_bytes(content.getvalue())
    temporary.replace(path)
    return path


def copied(package: str, folder: Path) -> Path:
    """One of the packages as a folder in `folder`; returns its path."""
    for name, file in sources():
        if name.startswith(f"{package}/"):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read_bytes())
    return folder / package


def sources() -> list[tuple[str, Traversable]]:
    """`lakesmith/deep/batches.py` → the file, in order of their names."""
    found = (each for package in PACKAGES for each in _python_files(resources.files(package), package))
    return sorted(found, key=lambda each: each[0])


def _python_files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        name = f"{prefix}/{each.name}"
        if each.is_dir() and each.name != "__pycache__":
            yield from _python_files(each, name)
        elif each.name.endswith(".py"):
            yield name, each
