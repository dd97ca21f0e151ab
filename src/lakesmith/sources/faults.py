"""What Spark says when a file cannot be read or a value not computed, told as our own errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from lakesmith.errors import ConfigError, DataError, EnvironmentFault, LakesmithError
from lakesmith.sources.documents import NOT_WHOLE

_FILE = re.compile(r"(?:reading file|Path does not exist:) '?(\S+?)[.']?(?:\s|$)")
_VALUE_FAULT = re.compile(
    r"\[(DIVIDE_BY_ZERO|REMAINDER_BY_ZERO|CAST_INVALID_INPUT|CAST_OVERFLOW|ARITHMETIC_OVERFLOW|BINARY_ARITHMETIC_OVERFLOW"
    r"|INTERVAL_\w+|NUMERIC_VALUE_OUT_OF_RANGE|CANNOT_PARSE_\w+|INVALID_ARRAY_INDEX|DATETIME_\w+)[.\w]*\][^\n]{0,300}"
)
_NOT_WHOLE = re.compile(rf"{re.escape(NOT_WHOLE)} ([^\n]+)")
_DATABASE = re.compile(r"[\w.$]*SQL[\w$]*Exception: ([^\n]{1,300})")
_FILE_FAULTS = (
    "FAILED_READ_FILE",
    "PARQUET_COLUMN_DATA_TYPE_MISMATCH",
    "CANNOT_READ_FILE_FOOTER",
    "CANNOT_MERGE_SCHEMAS",
)


@contextmanager
def told() -> Iterator[None]:
    """Turns Spark's errors about input files, date patterns and values of expressions, raised inside, into DataError,
    ConfigError or EnvironmentFault; every other error passes as it is."""
    try:
        yield
    except LakesmithError:
        raise
    except Exception as error:
        ours = _as_ours(str(error))
        if ours is None:
            raise
        raise ours from error


def _as_ours(text: str) -> LakesmithError | None:
    if not_whole := _NOT_WHOLE.search(text):
        return DataError(
            f"{not_whole[1]}: the file is not one whole JSON value",
            key="path",
            fix="It was cut off or damaged: fetch it again; or it holds a record a line: set `multiline: false`.",
        )
    found = _FILE.search(text)
    file = re.sub("^file:/+", "/", found[1]) if found else "a file"
    if any(each in text for each in _FILE_FAULTS):
        why = _cause(text)
        return DataError(
            f"{file} cannot be read to its end{why}", key="path", fix="It was cut off or damaged: fetch it again."
        )
    if "INVALID_DATETIME_PATTERN" in text or "Illegal pattern" in text:
        line = next(line for line in text.splitlines() if "attern" in line)
        return ConfigError(line.strip()[:300], fix="Correct `date_format` or `timestamp_format`.")
    if found_value := _VALUE_FAULT.search(text):
        return DataError(
            f"an expression fails on a row: {found_value[0]}",
            fix="Use try_cast, try_divide or another try_ function, which give null instead.",
        )
    if found_database := _DATABASE.search(text):
        return EnvironmentFault(
            f"the database failed while it was read: {found_database[1].strip()}", fix="Run again when it is up."
        )
    if "PATH_NOT_FOUND" in text or "FileNotFoundException" in text:
        return EnvironmentFault(
            f"{file} is no longer there", key="path", fix="Leave the files in place while they are read."
        )
    return None


def _cause(text: str) -> str:
    causes = [line.split(": ", 1)[1] for line in text.splitlines() if line.startswith("Caused by:") and ": " in line]
    return f" ({causes[-1].strip()[:160]})" if causes else ""
