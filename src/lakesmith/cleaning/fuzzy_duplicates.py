"""FuzzyDuplicates: one row of several whose texts are nearly the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from lakesmith.cleaning import OWN, CleaningStep
from lakesmith.cleaning.conditions import text_columns, types_of
from lakesmith.cleaning.trim_text import AROUND
from lakesmith.columns import RESERVED, Names, quote
from lakesmith.piece import Scope

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_TEXT = f"{RESERVED}text"
_AGE = f"{RESERVED}age"
_PLACE = f"{RESERVED}place"
_GONE = f"{RESERVED}gone"
_SPACES = r"[\s\p{Z}\x{FEFF}]+"


class FuzzyDuplicates(CleaningStep):
    """The rows without those whose texts are nearly those of an older (or newer) row; these are dropped and counted.

    Two rows are alike where the character n-grams of their texts have a Jaccard similarity of at least `threshold`.
    A row stays where no row before it, in the order of `order_by`, is like it, whether that one stays or not: of
    A ~ B ~ C only A stays. Null is older than everything; between rows of one age a hash of the whole row decides.
    Rows whose columns hold no text are like none.

    Candidates come from MinHash signatures of 128 hashes in bands (workers/min_hashes.py), which miss fewer than one
    pair in 1,000 at the threshold, and less above it; each candidate is then measured on its n-grams, so no row is
    dropped wrongly. The work grows with the number of distinct texts that share a band.
    """

    scope: ClassVar[Scope] = "table"
    changes_rows: ClassVar[bool] = True

    kind: Literal["fuzzy_duplicates"] = "fuzzy_duplicates"
    columns: tuple[str, ...] = Field(min_length=1, description="Text columns that are compared, as one text.")
    order_by: str = Field(description="The column that says which row is older.")
    keep: Literal["oldest", "newest"] = Field("oldest", description="Which of the rows that are alike stays.")
    threshold: float = Field(0.8, ge=0.3, le=1, description="Smallest Jaccard similarity of rows that are alike.")
    ngram: int = Field(3, ge=1, le=20, description="Characters of an n-gram.")
    ignore_case: bool = Field(True, description="Whether texts that differ in case only are the same.")
    seed: int = Field(0, ge=0, lt=2**31, description="Seed of the hash functions.")

    def columns_after(self, names: Names) -> Names:
        """The same names."""
        names.need_all(self.columns, key="columns")
        names.need(self.order_by, key="order_by")
        return names

    def tables(self) -> tuple[str, ...]:
        """All rows of its own table."""
        return (OWN,)

    def beside(self, df: DataFrame, tables: Mapping[str, DataFrame]) -> DataFrame:
        """The rows with their text, and a mark where a row before it has one that is like it."""
        alike = self._alike(self._aged(tables[OWN]))
        return self._aged(df).join(alike, _TEXT, "left")

    def apply(self, df: DataFrame) -> DataFrame:
        """The rows that come first of their text, and whose text is not like that of a row before."""
        from pyspark.sql import Window
        from pyspark.sql import functions as F

        # Rows without a text are no group, which one task would have to sort.
        alone = F.when(F.col(_TEXT).isNull(), F.col(_AGE))
        first = F.col(_AGE).asc() if self.keep == "oldest" else F.col(_AGE).desc()
        of_text = Window.partitionBy(_TEXT, alone).orderBy(first)
        placed = df.withColumn(_PLACE, F.row_number().over(of_text))
        stays = F.col(_TEXT).isNull() | ((F.col(_PLACE) == 1) & F.col(_GONE).isNull())
        own = [F.col(quote(name)) for name in df.columns if name not in (_TEXT, _AGE, _GONE)]
        return placed.filter(stays).select(*own)

    def _aged(self, df: DataFrame) -> DataFrame:
        """The rows with their text, null where there is none, and with what they are ordered by."""
        from pyspark.sql import functions as F

        spelt = [self._spelt(F.col(quote(name))) for name in text_columns(df, self.columns)]
        text = F.nullif(F.concat_ws(" ", *[F.nullif(each, F.lit("")) for each in spelt]), F.lit(""))
        order = F.col(quote(self.order_by))
        comparable = [name for name, type_ in types_of(df).items() if "map<" not in type_]
        hashed = F.xxhash64(*[F.col(quote(name)) for name in comparable])
        return df.withColumns({_TEXT: text, _AGE: F.struct(order.alias("order"), hashed.alias("hash"))})

    def _spelt(self, text: Column) -> Column:
        from pyspark.sql import functions as F

        spaced = F.regexp_replace(F.regexp_replace(text, AROUND, ""), _SPACES, " ")
        return F.lower(spaced) if self.ignore_case else spaced

    def _alike(self, aged: DataFrame) -> DataFrame:
        """The texts, marked as gone, that are like the text of a row before all of their own rows."""
        from pyspark.sql import functions as F

        one, other = self._banded(aged), self._banded(aged)
        other = other.withColumnsRenamed({name: f"{name}_of_other" for name in other.columns})
        shared = F.size(F.array_intersect("grams", "grams_of_other"))
        union = F.size("grams") + F.size("grams_of_other") - shared
        age, its_age = F.col("age"), F.col("age_of_other")
        is_before = its_age < age if self.keep == "oldest" else its_age > age
        same_band = [F.col(name) == F.col(f"{name}_of_other") for name in ("band", "hash")]
        # A semi join stops at the first such text. Divided, for 0.55 · 20 is more than 11.
        gone = one.join(other, [*same_band, is_before, shared / union >= self.threshold], "left_semi")
        return gone.select(_TEXT).distinct().withColumn(_GONE, F.lit(True))

    def _banded(self, aged: DataFrame) -> DataFrame:
        """One row per distinct text and band of its signature, with its n-grams and the age of its first row."""
        from pyspark.sql import functions as F
        from pyspark.sql.pandas.functions import pandas_udf

        from lakesmith.cleaning.workers.min_hashes import rows_of_bands, signer

        first = F.min(_AGE) if self.keep == "oldest" else F.max(_AGE)
        texts = aged.filter(F.col(_TEXT).isNotNull()).groupBy(_TEXT).agg(first.alias("age"))
        sign = signer(self.ngram, rows_of_bands(self.threshold), self.seed)
        signed = pandas_udf(sign, "grams array<bigint>, bands array<bigint>")  # type: ignore[call-overload]
        with_bands = texts.withColumn("signed", signed(F.col(_TEXT)))
        band = F.posexplode("signed.bands").alias("band", "hash")
        return with_bands.select(_TEXT, "age", F.col("signed.grams").alias("grams"), band)
