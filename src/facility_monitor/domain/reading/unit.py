"""Units: from what a device sends to what a point is stored in, exactly or not at all.

A point's unit is a SenML unit (RFC 8428, section 12.1). A device may send another unit of the same quantity: one of
SenML's secondary units (RFC 8798, section 3) or one that is customary in this field (MPa, kgf/cm2, l/min, degF ...).
Each unit here is a scale and an offset to its quantity's base, as in RFC 8798: ``base = value * scale + offset``.

Two names mean something else in SenML than to everybody else: there ``%`` is the plain ratio, not per cent, and ``C``
and ``F`` are coulomb and farad. Everywhere else, a point's own unit included, they are per cent, Celsius and
Fahrenheit; ``senml_unit`` translates. A relative humidity (%RH) and a charge (%EL) are ratios too, but of their own
kind: a plain ratio can stand for each of them, neither for the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

_RATIO = "ratio"
_KINDS_OF_RATIO = frozenset((_RATIO, "relative humidity", "charge", "count"))
_LONGEST_NAME = 32

# Pound-force per square inch: 0.45359237 kg x 9.80665 m/s2 / (0.0254 m)^2, all exact by definition.
_PSI = Fraction("0.45359237") * Fraction("9.80665") / Fraction("0.0254") ** 2
# Conventional millimetre of mercury: 13,595.1 kg/m3 x 9.80665 m/s2 x 1 mm.
_MMHG = Fraction("133.322387415")

_Scale = str | Fraction | tuple[str, str]

_QUANTITIES: Mapping[str, Mapping[str, _Scale]] = {
    "length": {"m": "1", "um": "1e-6", "mm": "1/1000", "cm": "1/100", "km": "1000", "in": "0.0254", "ft": "0.3048"},
    "area": {"m2": "1", "cm2": "1e-4", "mm2": "1e-6"},
    "volume": {"m3": "1", "l": "1/1000", "L": "1/1000", "ml": "1e-6", "mL": "1e-6"},
    "mass": {"kg": "1", "g": "1/1000", "mg": "1e-6", "t": "1000"},
    "time": {"s": "1", "us": "1e-6", "ms": "1/1000", "min": "60", "h": "3600", "d": "86400"},
    "temperature": {
        "K": "1",
        **dict.fromkeys(("Cel", "degC", "C"), ("1", "273.15")),
        **dict.fromkeys(("degF", "F"), ("5/9", "45967/180")),
    },
    "current": {"A": "1", "mA": "1/1000", "uA": "1e-6"},
    "voltage": {"V": "1", "mV": "1/1000", "kV": "1000"},
    "resistance": {"Ohm": "1", "kOhm": "1000", "MOhm": "1e6"},
    "frequency": {"Hz": "1", "kHz": "1000", "MHz": "1e6", "GHz": "1e9"},
    "rate": {"1/s": "1", "1/min": "1/60", "rpm": "1/60", "r/min": "1/60", "beat/min": "1/60", "1/h": "1/3600"},
    "force": {"N": "1", "kN": "1000"},
    # kgf/cm2 and mH2O, the metre of water column: 1 kgf = 9.80665 N, water taken as 1000 kg/m3
    "pressure": {
        "Pa": "1",
        "hPa": "100",
        "kPa": "1000",
        "MPa": "1e6",
        "mbar": "100",
        "bar": "1e5",
        "psi": _PSI,
        "atm": "101325",
        "mmHg": _MMHG,
        "inHg": _MMHG * Fraction("25.4"),
        "kgf/cm2": "98066.5",
        "mH2O": "9806.65",
    },
    "energy": {"J": "1", "kJ": "1000", "MJ": "1e6", "Wh": "3600", "kWh": "3.6e6", "MWh": "3.6e9"},
    "power": {"W": "1", "mW": "1/1000", "kW": "1000", "MW": "1e6"},
    "apparent power": {"VA": "1", "kVA": "1000"},
    "apparent energy": {"VAs": "1", "VAh": "3600", "kVAh": "3.6e6"},
    "reactive power": {"var": "1", "kvar": "1000"},
    "reactive energy": {"vars": "1", "varh": "3600", "kvarh": "3.6e6"},
    "electric charge": {"coulomb": "1", "Ah": "3600", "mAh": "3.6"},
    "capacitance": {"farad": "1"},
    "energy per distance": {"J/m": "1", "Wh/km": "3.6"},
    "speed": {"m/s": "1", "mm/s": "1/1000", "km/h": "5/18", "m/h": "1/3600", "mm/h": "1/3600000"},
    "acceleration": {"m/s2": "1", "mm/s2": "1/1000"},
    "volume flow": {
        "m3/s": "1",
        "m3/min": "1/60",
        "m3/h": "1/3600",
        **dict.fromkeys(("l/s", "L/s"), "1/1000"),
        **dict.fromkeys(("l/min", "L/min"), "1/60000"),
        **dict.fromkeys(("l/h", "L/h"), "1/3600000"),
    },
    "density": {
        "kg/m3": "1",
        "g/m3": "1/1000",
        "mg/m3": "1e-6",
        "ug/m3": "1e-9",
        "g/l": "1",
        "mg/l": "1/1000",
        "ug/l": "1e-6",
    },
    "information": {"bit": "1", "B": "8", "KiB": "8192", "kB": "8000", "MB": "8e6", "GB": "8e9"},
    "data rate": {"bit/s": "1", "kbit/s": "1000", "Mbit/s": "1e6", "B/s": "8", "MB/s": "8e6"},
    "angle": {"rad": "1", "deg": Fraction(math.pi) / 180},
    "conductivity": {"S/m": "1", "mS/cm": "1/10", "uS/cm": "1e-4"},
    "illuminance": {"lx": "1", "lux": "1", "klx": "1000"},
    "power level": {"dBW": "1", "dBm": ("1", "-30")},
    _RATIO: {
        **dict.fromkeys(("1", "/", "ratio"), "1"),
        **dict.fromkeys(("%", "/100", "percent"), "1/100"),
        "/1000": "1/1000",
        "ppm": "1e-6",
        "ppb": "1e-9",
        "ppt": "1e-12",
    },
    "relative humidity": {"%RH": "1/100"},
    "charge": {"%EL": "1/100"},
    "count": {"count": "1", "beats": "1"},
    # quantities of which nobody sends more than one unit; dB/m is the obscuration of smoke, EN 54-7
    **{
        symbol: {symbol: "1"}
        for symbol in (
            *("cd", "mol", "sr", "S", "Wb", "T", "H", "lm", "Bq", "Gy", "Sv", "kat", "W/m2", "cd/m2"),
            *("lat", "lon", "pH", "dB", "Bspl", "EL", "NTU", "dB/m"),
        )
    },
}

# micro sign and Greek mu, ohm sign and Greek omega: each twice, since both look the same
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u00b5\u03bc", "u"),
        **dict.fromkeys("\u2126\u03a9", "Ohm"),
        "²": "2",
        "³": "3",
        "°": "deg",
        "℃": "degC",
        "℉": "degF",
        " ": "",
    }
)
_SENML_ONLY = {"%": "/", "C": "coulomb", "F": "farad"}


class _Unit(NamedTuple):
    quantity: str
    scale: Fraction
    offset: Fraction


def _unit(quantity: str, scale: _Scale) -> _Unit:
    if isinstance(scale, tuple):
        return _Unit(quantity, Fraction(scale[0]), Fraction(scale[1]))
    return _Unit(quantity, Fraction(scale), Fraction(0))


_UNITS = {name: _unit(quantity, scale) for quantity, of in _QUANTITIES.items() for name, scale in of.items()}


class Conversion(NamedTuple):
    """``(value + shift) * times / by``: one rounding where the numbers are whole, as in mm to m."""

    shift: float
    times: float
    by: float

    def __call__(self, value: float) -> float:
        return (value + self.shift) * self.times / self.by


def conversion(sent: str, wanted: str) -> Conversion | None:
    """How values in ``sent`` become values in ``wanted``; None where a unit is unknown or of another quantity."""
    if len(sent) > _LONGEST_NAME:
        return None
    if sent not in _UNITS:
        sent = sent.translate(_TYPOGRAPHY)
        if sent not in _UNITS:
            return None
    return _conversion(sent, wanted) if wanted in _UNITS else None


def senml_unit(symbol: str) -> str:
    """The name here of the unit that SenML calls ``symbol``."""
    return _SENML_ONLY.get(symbol, symbol)


@lru_cache(maxsize=1024)
def _conversion(sent: str, wanted: str) -> Conversion | None:
    one, other = _UNITS[sent], _UNITS[wanted]
    if one.quantity != other.quantity and not (
        {one.quantity, other.quantity} <= _KINDS_OF_RATIO and _RATIO in (one.quantity, other.quantity)
    ):
        return None
    factor = one.scale / other.scale
    shift = (one.offset - other.offset) / one.scale
    exact = max(factor.numerator, factor.denominator) <= 1 << 53
    times, by = (float(factor.numerator), float(factor.denominator)) if exact else (float(factor), 1.0)
    return Conversion(float(shift), times, by)
