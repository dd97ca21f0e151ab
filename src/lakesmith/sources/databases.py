"""The databases that JDBC reaches: driver, address and spelling of names of each, and their errors told as ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from lakesmith.errors import EnvironmentFault

_JAVA_ERROR = re.compile(r"(?:[\w$]+\.)+[\w$]*(?:Exception|Error): ([^\n]{1,300})")


@dataclass(frozen=True)
class Database:
    """One database system. `utc` makes a connection take and give times without a zone in UTC; "" where it need not."""

    driver: str
    artifact: str
    url: str
    port: int | None
    quotes: tuple[str, str] = ('"', '"')
    utc: str = ""

    def quoted(self, table: str) -> str:
        """A dotted name, each part quoted: names are as the database keeps them, upper and lower case told apart."""
        return ".".join(self.identifier(part) for part in table.split("."))

    def identifier(self, name: str) -> str:
        """One name, quoted whatever characters it holds."""
        opening, closing = self.quotes
        return f"{opening}{name.replace(closing, closing * 2)}{closing}"


DATABASES: Mapping[str, Database] = {
    "postgresql": Database(
        "org.postgresql.Driver",
        "org.postgresql:postgresql:42.7.8",
        "jdbc:postgresql://{host}:{port}/{database}",
        5432,
        utc="SET TIME ZONE 'UTC'",
    ),
    "mysql": Database(
        "com.mysql.cj.jdbc.Driver",
        "com.mysql:mysql-connector-j:9.4.0",
        "jdbc:mysql://{host}:{port}/{database}",
        3306,
        quotes=("`", "`"),
        utc="SET time_zone = '+00:00'",
    ),
    "sqlserver": Database(
        "com.microsoft.sqlserver.jdbc.SQLServerDriver",
        "com.microsoft.sqlserver:mssql-jdbc:13.2.1.jre11",
        "jdbc:sqlserver://{host}:{port};databaseName={database}",
        1433,
        quotes=("[", "]"),
    ),
    "oracle": Database(
        "oracle.jdbc.OracleDriver",
        "com.oracle.database.jdbc:ojdbc11:23.9.0.25.07",
        "jdbc:oracle:thin:@//{host}:{port}/{database}",
        1521,
        utc="ALTER SESSION SET TIME_ZONE = 'UTC'",
    ),
    "sqlite": Database("org.sqlite.JDBC", "org.xerial:sqlite-jdbc:3.50.3.0", "jdbc:sqlite:{database}", None),
}


@contextmanager
def asked(place: str, secret: str | None) -> Iterator[None]:
    """Turns what a database or its driver says, raised inside, into EnvironmentFault, with `secret` struck out."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        text = str(error)
        found = _JAVA_ERROR.search(text)
        why = found[1] if found else next(iter(text.strip().splitlines()), type(error).__name__)[:300]
        why = why.replace(secret, "***") if secret else why
        # Not `from error`: what Java says at length is not ours to vouch for.
        raise EnvironmentFault(
            f"{place} cannot be read: {why.strip()}",
            fix="Check host, port, database, table, user and password, and that the server is up.",
        ) from None
