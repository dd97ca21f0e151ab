"""Steps that read, spell or limit values: formats of numbers and dates, changes of clocks, units, texts."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

import pytest
import scipy.constants as codata
from pydantic import ValidationError
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from lakesmith.cleaning.clock_times import instants
from lakesmith.cleaning.units import UNITS, conversion
from lakesmith.errors import ConfigError
from tests.builders import frame, rows
from tests.cleaning.test_steps import step

NUMBERS = {
    ("de_DE", ()): {
        "1.234.567,89": 1234567.89, "1234,5": 1234.5, "-1.000 €": -1000.0, "12,5 %": 0.125, "12,-": 12.0,
        "€ 5": 5.0, "5-": -5.0, "1.23": None, "1,2,3": None, "12.34.567": None, "": None, "5 €€": None,
    },
    ("en_US", ("USD",)): {
        "$1,234.50": 1234.5, "($1,234.50)": -1234.5, "$(7)": -7.0, "-$3": -3.0, "$-3": -3.0, "USD 9": 9.0, ".5": 0.5,
        "12.3%": 0.123, "0.57%": 0.0057, "-(3)": None, "1,2": None, "1 2": None, "1e5": None, "%": None, "EUR 9": None,
        "+4": 4.0, "-+4": None, "\u22127": -7.0,
    },
    ("de_CH", ("CHF", "Fr.")): {
        "CHF 1'234.50": 1234.5, "1\u2019234\u2019567": 1234567.0, "Fr. 12.\u2014": 12.0, "12.-": 12.0, "-12.-": -12.0,
        "1,5": None, "1'23": None,
    },
    ("fr_FR", ()): {"1\u202f234,5\u00a0€": 1234.5, "1 234": 1234.0, "1.234": None},
    ("en_IN", ()): {"\u20b912,34,567.5": 1234567.5, "1,234": 1234.0, "123,456": None},
}  # fmt: skip
# Local time, its zone, and the UTC time or times it stands for.
CLOCKS: list[tuple[str, str, list[str]]] = [
    ("2024-03-31T01:59:59", "Europe/Berlin", ["2024-03-31T00:59:59"]),
    ("2024-03-31T02:30:00", "Europe/Berlin", []),
    ("2024-03-31T03:00:00", "Europe/Berlin", ["2024-03-31T01:00:00"]),
    ("2024-10-27T02:00:00", "Europe/Berlin", ["2024-10-27T00:00:00", "2024-10-27T01:00:00"]),
    ("2024-10-27T03:00:00", "Europe/Berlin", ["2024-10-27T02:00:00"]),
    ("2024-03-10T02:00:00", "America/New_York", []),
    ("2024-11-03T01:30:00", "America/New_York", ["2024-11-03T05:30:00", "2024-11-03T06:30:00"]),
    ("1883-11-18T12:00:00", "America/New_York", ["1883-11-18T16:56:02", "1883-11-18T17:00:00"]),
    ("2024-04-07T01:45:00", "Australia/Lord_Howe", ["2024-04-06T14:45:00", "2024-04-06T15:15:00"]),
    ("2024-06-01T12:00:00", "UTC", ["2024-06-01T12:00:00"]),
]


def _by_zone(make: Any) -> Column:
    """The value that `make` gives for the zone of each row, from one expression."""
    zones = dict.fromkeys(zone for _, zone, _ in CLOCKS)
    return F.coalesce(*[F.when(F.col("zone") == zone, make(zone)) for zone in zones])


def test_numbers_are_read_as_their_country_writes_them(spark: SparkSession) -> None:
    found: dict[Any, Any] = {}
    frames = []
    for (locale, words), texts in NUMBERS.items():
        made = step(kind="parse_numbers", columns=["x"], locale=locale, currencies=list(words), on_error="null")
        df = frame(spark, "text string, x string", [(text, text) for text in texts])
        frames.append(made.sift(df).kept.withColumn("locale", F.lit(locale)))
    together = frames[0]
    for each in frames[1:]:
        together = together.union(each)
    found = {(row["locale"], row["text"]): row["x"] for row in together.collect()}
    assert found == {(locale, text): x for (locale, _), texts in NUMBERS.items() for text, x in texts.items()}


def test_a_decimal_is_exact_or_lost_and_every_row_is_accounted_for(spark: SparkSession) -> None:
    given = [("1,234.50",), ("12.5%",), ("0.01%",), ("9999",), (None,), ("x",)]
    made = step(kind="parse_numbers", columns=["x"], type="decimal(6,3)")
    for partitions in (1, 3):
        kept, rejected = made.sift(frame(spark, "x string", given, partitions))
        assert rejected is not None
        assert rows(kept) == [(Decimal("0.125"),), (None,)]
        rule = "parse_numbers: 'x' is no decimal(6,3) in the format of en_US"
        assert rows(rejected) == [("0.01%", rule), ("1,234.50", rule), ("9999", rule), ("x", rule)]


def test_a_time_on_the_clock_has_no_instant_one_or_two(spark: SparkSession) -> None:
    df = frame(spark, "local string, zone string", [each[:2] for each in CLOCKS])
    local = F.col("local").cast("timestamp_ntz")
    sides = {
        side: _by_zone(lambda zone, side=side: getattr(instants(local, zone), side)) for side in ("earlier", "later")
    }
    found = {(row[0], row[1]): [row[2], row[3]] for row in df.select("local", "zone", *sides.values()).collect()}
    told = {key: sorted({each.isoformat() for each in pair if each is not None}) for key, pair in found.items()}
    assert told == {(local, zone): wanted for local, zone, wanted in CLOCKS}


def test_lost_times_are_told_apart_and_quarantined(spark: SparkSession) -> None:
    given = [
        ("31.03.2024 02:30",), ("27.10.2024 02:30",), ("2024-10-27T02:30:00Z",), ("2024-10-27 02:30",),
        ("31.02.2024 10:00",), ("1.1.2024 10:00",), ("2024-07-01 10:00 +05:00",), (None,),
    ]  # fmt: skip
    formats = ["dd.MM.yyyy HH:mm", "iso", "yyyy-MM-dd HH:mm XXX"]
    df = frame(spark, "x string", given, partitions=2)

    def read(ambiguous: str) -> tuple[list[Any], list[Any]]:
        made = step(kind="parse_dates", columns=["x"], formats=formats, time_zone="Europe/Berlin", ambiguous=ambiguous)
        kept, rejected = made.sift(df)
        assert rejected is not None
        return rows(kept.select(F.col("x").cast("string"))), rows(rejected)

    later, rejected = read("later")
    doubled = ("2024-10-27 01:30:00",)
    assert later == [("2024-07-01 05:00:00",), doubled, doubled, ("2024-10-27 02:30:00",), (None,)]
    unreadable = "parse_dates: 'x' is a timestamp in none of the formats"
    skipped = "parse_dates: 'x' is a time that clocks of Europe/Berlin skipped"
    twice = "parse_dates: 'x' is a time that clocks of Europe/Berlin showed twice"
    lost = [("1.1.2024 10:00", unreadable), ("31.02.2024 10:00", unreadable), ("31.03.2024 02:30", skipped)]
    assert rejected == lost
    kept, rejected = read("lost")
    assert kept == [("2024-07-01 05:00:00",), ("2024-10-27 02:30:00",), (None,)]
    assert rejected == sorted([*lost, ("2024-10-27 02:30", twice), ("27.10.2024 02:30", twice)], key=repr)


def test_factors_agree_with_those_of_scipy() -> None:
    known = {
        "in": codata.inch, "ft": codata.foot, "yd": codata.yard, "mi": codata.mile, "nmi": codata.nautical_mile,
        "acre": codata.acre, "ha": codata.hectare, "gal": codata.gallon, "gal_uk": codata.gallon_imp,
        "fl_oz": codata.fluid_ounce, "fl_oz_uk": codata.fluid_ounce_imp, "bbl": codata.bbl, "lb": codata.pound,
        "oz": codata.ounce, "st": codata.stone, "ton_us": codata.short_ton, "ton_uk": codata.long_ton,
        "km/h": codata.kmh, "mph": codata.mph, "kn": codata.knot, "atm": codata.atm, "bar": codata.bar,
        "torr": codata.torr, "psi": codata.psi, "cal": codata.calorie, "BTU": codata.Btu, "hp": codata.hp,
        "wk": codata.week,
    }  # fmt: skip
    assert {name: float(UNITS[name].scale) for name in known} == pytest.approx(known, rel=1e-12)
    for of, to in [("F", "C"), ("C", "F"), ("K", "F"), ("C", "K")]:
        how = conversion(UNITS[of], UNITS[to])
        names = {"F": "fahrenheit", "C": "celsius", "K": "kelvin"}
        for value in (-40.0, 0.0, 32.0, 98.6):
            ours = (value + how.before) * how.numerator / how.denominator + how.after
            theirs = codata.convert_temperature(value, names[of], names[to])
            assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-10)


def test_texts_get_the_form_that_python_gives_them_in_one_stage(spark: SparkSession) -> None:
    texts = ["e\u0301", "\ufb01", "\u2460 \uff21", "\u1100\u1161", "plain", "\ud55c", "", None]
    names = [f"`ü {n}`.x" for n in range(30)]
    df = frame(spark, "x string", [(each,) for each in texts]).select(*[F.col("x").alias(name) for name in names])
    for form in ("NFC", "NFKD"):
        formed = step(kind="normalize_text", form=form, collapse_spaces=False).sift(df).kept
        plan = formed._jdf.queryExecution().toString()  # type: ignore[operator]
        assert plan.split("== Physical Plan ==")[1].count("ArrowEvalPython") == 1
        wanted = [(None if each is None else unicodedata.normalize(form, each),) * len(names) for each in texts]
        assert rows(formed) == sorted(wanted, key=repr)


def test_nan_and_null_are_beyond_no_limit(spark: SparkSession) -> None:
    given = [(1, 5.0, "2024-01-01"), (2, float("nan"), None), (3, float("inf"), "2024-01-01"), (4, None, "1024-01-01")]
    df = frame(spark, "id int, x double, d string", given).withColumn("d", F.col("d").cast("date"))
    limits = {"x": {"low": 0, "high": 10.5}, "d": {"low": "1900-01-01"}}
    kept, rejected = step(kind="outliers", limits=limits).sift(df)
    assert rejected is not None
    assert [row[0] for row in rows(kept)] == [1, 2]
    assert [(row[0], row[3]) for row in rows(rejected)] == [
        (3, "outliers: 'x' > 10.5"),
        (4, "outliers: 'd' < 1900-01-01"),
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "convert_units", "columns": ["i"], "from": "kgg", "to": "lb"}, "'kgg' is not a unit.*'kg'"),
        ({"kind": "convert_units", "columns": ["i"], "from": "kg", "to": "m"}, "of mass, 'm' one of length"),
        ({"kind": "outliers", "limits": {"i": {}}}, "neither `low` nor `high`"),
        ({"kind": "outliers", "limits": {"i": {"low": 2, "high": 1}}}, "`low` is 2, above `high`"),
        ({"kind": "parse_numbers", "columns": ["s"], "decimal": ","}, "cannot be the marks"),
        ({"kind": "parse_numbers", "columns": ["s"], "type": "int"}, "int is neither double nor decimal"),
        ({"kind": "parse_dates", "columns": ["s"], "formats": ["DD.jj"]}, "'DD.jj' is no Spark date pattern"),
        ({"kind": "parse_dates", "columns": ["s"], "formats": ["dd HH"], "type": "date"}, "reads a time"),
        ({"kind": "parse_dates", "columns": ["s"], "time_zone": "Berlin"}, "'Berlin' is not a time zone"),
        ({"kind": "normalize_text", "form": None, "collapse_spaces": False}, "nothing is to be normalized"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        step(**fields)


def test_columns_of_another_type_are_refused(spark: SparkSession) -> None:
    df = frame(spark, "i int, s string", [])
    for fields, message in [
        ({"kind": "parse_numbers", "columns": ["i"]}, r"columns\[0\].*'i' is int, not text"),
        ({"kind": "parse_dates", "columns": ["i"]}, "'i' is int, not text"),
        ({"kind": "standardize_nulls", "columns": ["s", "i"]}, r"columns\[1\].*'i' is int, not text"),
        ({"kind": "convert_units", "columns": ["s"], "from": "m", "to": "km"}, "'s' is string, not a number"),
        ({"kind": "outliers", "limits": {"i": {"low": 0.5}}}, r"limits\.i\.low.*0\.5 is not a value of 'i'"),
    ]:
        with pytest.raises(ConfigError, match=message):
            step(**fields).sift(df)
