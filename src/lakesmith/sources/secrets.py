"""Secret: where a password is kept; the password itself stands in no file, message, table or log of lakesmith."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lakesmith.errors import EnvironmentFault

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|databricks:(?:[^/\s]+/)?[^/\s]+")
_FORM = "{secret: env:NAME} or {secret: databricks:scope/key}"
SCOPE_VARIABLE = "LAKESMITH_SECRET_SCOPE"  # the scope of `databricks:key`; the bundle's jobs set it


class Secret(BaseModel):
    """The name of a secret: an environment variable, or a key of a Databricks secret scope."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    secret: str = Field(
        description="`env:NAME` for an environment variable, or `databricks:scope/key`; `databricks:key` takes the "
        "scope that LAKESMITH_SECRET_SCOPE names."
    )

    @model_validator(mode="before")
    @classmethod
    def _is_a_reference(cls, given: Any) -> Any:
        """Whatever else stands here may be the secret itself: it is refused without being told."""
        if isinstance(given, Secret):
            return given
        name = given.get("secret") if isinstance(given, dict) and len(given) == 1 else None
        if not isinstance(name, str) or not _REFERENCE.fullmatch(name):
            raise ValueError(f"must name where the secret is kept, as {_FORM}: a secret itself is refused here")
        return given

    def value(self, spark: SparkSession) -> str:
        """The secret. Raises EnvironmentFault, naming the reference, where it cannot be had."""
        store, _, name = self.secret.partition(":")
        if store == "env":
            if name not in os.environ:
                raise EnvironmentFault(
                    f"the environment variable {name} is not set", key="password", fix=f"Set it: export {name}=…"
                )
            return os.environ[name]
        scope, _, key = name.rpartition("/")
        if not scope and SCOPE_VARIABLE not in os.environ:
            raise EnvironmentFault(
                f"the secret {key} names no scope, and {SCOPE_VARIABLE} is not set",
                key="password",
                fix="Name it as databricks:scope/key, or set the variable.",
            )
        return _of_databricks(spark, scope or os.environ[SCOPE_VARIABLE], key)


def _of_databricks(spark: SparkSession, scope: str, key: str) -> str:
    try:
        from pyspark.dbutils import DBUtils  # type: ignore[import-not-found]
    except ImportError:
        raise EnvironmentFault(
            f"the secret {scope}/{key} is kept by Databricks, and this is not Databricks",
            key="password",
            fix="Use {secret: env:NAME} in this environment.",
        ) from None
    try:
        return str(DBUtils(spark).secrets.get(scope=scope, key=key))
    except Exception as error:  # noqa: BLE001 (Databricks' own, told by its name only: its text may hold more)
        raise EnvironmentFault(
            f"the secret {scope}/{key} cannot be read ({type(error).__name__})",
            key="password",
            fix="Check the scope, the key and this user's right to read it.",
        ) from None
