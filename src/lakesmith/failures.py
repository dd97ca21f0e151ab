"""Any exception as one line for a person and an exit code for a program; the command line and the jobs end with it."""

from __future__ import annotations

import errno

from lakesmith.errors import ConfigError, ConfigErrors, DataError, EnvironmentFault, LakesmithError
from lakesmith.wording import printable

INTERRUPTED = 130
STOPPED = "interrupted; what was written is whole, and the next run goes on from it"
_DISK_FULL = ("No space left on device", "Disk quota exceeded", "database or disk is full")  # the last is SQLite's
_SEE = "--debug shows the traceback."


def lines(error: BaseException) -> tuple[list[str], int]:
    """(Lines for stderr, exit code): `error: …` once for each mistake of a project file, with what belongs to it."""
    messages = [str(each) for each in error.errors] if isinstance(error, ConfigErrors) else [_told(error)[0]]
    code = _told(error)[1]
    found = [line for message in messages for line in f"error: {message}".splitlines()]
    return [STOPPED] if code == INTERRUPTED else [printable(line) for line in found], code


def _told(error: BaseException) -> tuple[str, int]:
    if isinstance(error, LakesmithError):
        return str(error), error.exit_code
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return STOPPED, INTERRUPTED
    if hasattr(error, "format_message"):  # what typer says of a wrong option
        return f"{error.format_message()} See 'lakesmith --help'.", ConfigError.exit_code
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:500].rstrip(".")
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or any(said in str(error) for said in _DISK_FULL):
        where = getattr(error, "filename", None) or "the workspace"
        return f"disk full while writing {where}. Free some space and run again.", EnvironmentFault.exit_code
    # Libraries are known by name: importing pyspark to know its errors would cost more than most commands.
    library = type(error).__module__.partition(".")[0]
    if library == "pyspark":
        is_java = "GATEWAY" in first
        return f"Spark: {first}. {_SEE}", EnvironmentFault.exit_code if is_java else DataError.exit_code
    if library in ("py4j", "mlflow", "sqlalchemy") or isinstance(error, OSError):
        return f"{first}. {_SEE}", EnvironmentFault.exit_code
    return f"unexpected {type(error).__name__}: {first}. {_SEE}", 1
