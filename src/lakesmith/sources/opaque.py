"""A value that Spark's optimizer takes as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column


def opaque(value: Column) -> Column:
    """The value itself, which no filter on it is pushed through.

    A filter on a value of many columns, pushed below a projection that gives those columns new aliases, becomes
    a constraint that the optimizer doubles for every alias: 40 columns filled 3 GB and never ended. A value that is
    not deterministic, as the optimizer believes of this one, stays where it is.
    """
    from pyspark.sql import functions as F

    return F.when(F.monotonically_increasing_id() >= 0, value)
