"""Units of measurement and their exact ratios.

Definitions: the International Yard and Pound Agreement of 1959, NIST Special Publication 811 (2008), appendix B.8;
US gallons and pints for liquids, imperial ones as `_uk`; the calorie is the thermochemical one.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Unit(NamedTuple):
    """value in the dimension's base unit = value × scale + shift."""

    dimension: str
    scale: Fraction
    shift: Fraction = Fraction(0)


_SCALES: dict[str, dict[str, str]] = {
    "length": {
        "mm": "0.001", "cm": "0.01", "dm": "0.1", "m": "1", "km": "1000", "in": "0.0254", "ft": "0.3048",
        "yd": "0.9144", "mi": "1609.344", "nmi": "1852",
    },
    "area": {
        "mm2": "0.000001", "cm2": "0.0001", "m2": "1", "ha": "10000", "km2": "1000000", "in2": "0.00064516",
        "ft2": "0.09290304", "acre": "4046.8564224", "mi2": "2589988.110336",
    },
    "volume": {
        "ml": "0.000001", "cl": "0.00001", "dl": "0.0001", "l": "0.001", "m3": "1", "in3": "0.000016387064",
        "ft3": "0.028316846592", "fl_oz": "0.0000295735295625", "pt": "0.000473176473", "qt": "0.000946352946",
        "gal": "0.003785411784", "bbl": "0.158987294928", "fl_oz_uk": "0.0000284130625", "pt_uk": "0.00056826125",
        "gal_uk": "0.00454609",
    },
    "mass": {
        "mg": "0.000001", "g": "0.001", "kg": "1", "t": "1000", "oz": "0.028349523125", "lb": "0.45359237",
        "st": "6.35029318", "ton_us": "907.18474", "ton_uk": "1016.0469088",
    },
    "speed": {"m/s": "1", "km/h": "5/18", "mph": "0.44704", "kn": "463/900", "ft/s": "0.3048"},
    "duration": {
        "us": "0.000001", "ms": "0.001", "s": "1", "min": "60", "h": "3600", "d": "86400", "wk": "604800",
    },
    "pressure": {
        "Pa": "1", "hPa": "100", "kPa": "1000", "MPa": "1000000", "bar": "100000", "atm": "101325",
        "torr": "20265/152", "psi": "8896443230521/1290320000",
    },
    "energy": {
        "J": "1", "kJ": "1000", "MJ": "1000000", "Wh": "3600", "kWh": "3600000", "MWh": "3600000000", "cal": "4.184",
        "kcal": "4184", "BTU": "1055.05585262",
    },
    "power": {"W": "1", "kW": "1000", "MW": "1000000", "hp": "745.69987158227022"},
}  # fmt: skip
UNITS: dict[str, Unit] = {
    **{name: Unit(of, Fraction(scale)) for of, scales in _SCALES.items() for name, scale in scales.items()},
    "K": Unit("temperature", Fraction(1)),
    "C": Unit("temperature", Fraction(1), Fraction("273.15")),
    "F": Unit("temperature", Fraction(5, 9), Fraction("459.67") * 5 / 9),
}


class Conversion(NamedTuple):
    """value in the other unit = (value + before) × numerator ÷ denominator + after."""

    before: float
    numerator: float
    denominator: float
    after: float


def conversion(of: Unit, to: Unit) -> Conversion:
    """How a value of one unit becomes one of another of its dimension.

    Of the two places a shift can have, it takes the one where it is the rounder number: 32 °F is exactly 0 °C.
    """
    scale, after = of.scale / to.scale, (of.shift - to.shift) / to.scale
    before = after / scale
    numerator, denominator = float(scale.numerator), float(scale.denominator)
    if before.denominator < after.denominator:
        return Conversion(float(before), numerator, denominator, 0.0)
    return Conversion(0.0, numerator, denominator, float(after))
