"""NormalizeText: one spelling for texts that differ only in how they were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from lakesmith.cleaning.conditions import text_columns
from lakesmith.cleaning.text_steps import TextStep
from lakesmith.cleaning.trim_text import AROUND
from lakesmith.columns import RESERVED, quote

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_NORMAL = f"{RESERVED}normal"
_SPACES = r"[\s\p{Z}\x{FEFF}]+"


class NormalizeText(TextStep):
    """The same rows with text in one Unicode form, one case, and one space for every run of white space.

    The form comes first, then white space, then case. NFC spells `é` as one character however it was typed; NFKC also
    makes `ﬁ`, `①` and full-width letters plain (Unicode Standard Annex #15). Title case raises the first letter of
    every word, and words are what spaces separate. Null stays null; text may become empty, not null.
    """

    kind: Literal["normalize_text"] = "normalize_text"
    form: Literal["NFC", "NFD", "NFKC", "NFKD"] | None = Field(
        "NFC", description="Unicode normal form; null: as it was typed."
    )
    case: Literal["lower", "upper", "title"] | None = Field(None, description="Case of letters; null: as it was typed.")
    collapse_spaces: bool = Field(True, description="Whether white space becomes one space, and none at the ends.")

    @model_validator(mode="after")
    def _does_something(self) -> NormalizeText:
        if self.form is None and self.case is None and not self.collapse_spaces:
            raise ValueError("nothing is to be normalized: give `form`, `case` or `collapse_spaces`")
        return self

    def apply(self, df: DataFrame) -> DataFrame:
        """One projection over the text columns; the Unicode form by one Python function over all of them."""
        texts = text_columns(df, self.columns)
        if not texts:
            return df
        formed, forms = self._formed(df, texts)
        return formed.withColumns({name: self._spelt(form) for name, form in forms.items()}).drop(_NORMAL)

    def _formed(self, df: DataFrame, texts: list[str]) -> tuple[DataFrame, dict[str, Column]]:
        """The frame with the normal forms beside its columns, and where the form of each text is."""
        from pyspark.sql import functions as F
        from pyspark.sql.pandas.functions import pandas_udf

        from lakesmith.cleaning.workers.unicode_forms import normalizer

        given = {name: F.col(quote(name)) for name in texts}
        if self.form is None:
            return df, given
        fields = {name: f"c{position}" for position, name in enumerate(texts)}
        schema = ", ".join(f"{field} string" for field in fields.values())
        normal = pandas_udf(normalizer(self.form), schema)  # type: ignore[call-overload]
        # ASCII is in every normal form: only other texts travel to Python.
        sent = [F.when(given[name].rlike(r"[^\x00-\x7F]"), given[name]).alias(field) for name, field in fields.items()]
        formed = df.withColumn(_NORMAL, normal(F.struct(*sent)))
        return formed, {name: F.coalesce(F.col(_NORMAL)[field], given[name]) for name, field in fields.items()}

    def _spelt(self, text: Column) -> Column:
        from pyspark.sql import functions as F

        if self.collapse_spaces:
            text = F.regexp_replace(F.regexp_replace(text, AROUND, ""), _SPACES, " ")
        cases = {"lower": F.lower, "upper": F.upper, "title": F.initcap}
        return cases[self.case](text) if self.case is not None else text
