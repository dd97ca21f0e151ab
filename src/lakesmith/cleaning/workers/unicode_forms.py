"""Unicode normalization on workers; Spark has no function for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Literal

import pandas as pd

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normalizer(form: Form) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A function from a frame of texts to the frame of their normal forms (UAX #15); null stays null."""

    def normal(text: str) -> str:
        return unicodedata.normalize(form, text)

    def normalized(texts: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({name: texts[name].map(normal, na_action="ignore") for name in texts.columns})

    return normalized
