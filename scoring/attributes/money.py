"""Numbers out of text, as CRMs hold head counts and revenue: ranges, magnitudes, currencies, five languages' digits.

Does not convert currencies: money arrives here in the currency in which it is wanted.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final, NamedTuple

from scoring.attributes.remembered import SHARED
from scoring.attributes.text import fold, word_set

#: Factor by folded word. English "billion" and German "Milliarde" are 10^9; a German or Spanish "Billion" is not told
#: apart from the English one: nobody has 10^12 of revenue.
_MAGNITUDES: Final = {
    **dict.fromkeys(word_set("k tsd tds tausend thousand mille mil milhar milhares miles t"), 10**3),
    **dict.fromkeys(
        word_set("m mm mn mns mln mio mios mill million millions millionen millon millones milhao milhoes mi"), 10**6
    ),
    **dict.fromkeys(
        word_set(
            "b bn bln bi g billion billions billionen billon billones bilhao bilhoes mrd mrds md mds"
            " milliard milliards milliarde milliarden millardos"
        ),
        10**9,
    ),
}
#: ISO 4217 code by sign, code or folded word.
_CURRENCY_WORDS: Final = {
    word: code
    for code, names in {
        "EUR": "€ eur euro euros",
        "USD": "$ us$ usd dollar dollars dolar dolares",
        "GBP": "£ gbp pound pounds sterling",
        "CHF": "chf sfr fr franken",
        "BRL": "r$ brl real reais reales",
        "MXN": "mxn",
        "CAD": "cad c$",
        "AUD": "aud a$",
        "JPY": "¥ jpy yen",
        "CNY": "cny rmb",
        "INR": "₹ inr",
        "SEK": "sek",
        "NOK": "nok",
        "DKK": "dkk",
        "PLN": "pln zl",
        "CZK": "czk",
    }.items()
    for word in names.split()
}
_LESS: Final = re.compile(
    r"(?:^|\s)(?:<=?|≤|less than|fewer than|under|up to|below|max|bis(?: zu)?|unter|weniger als"
    r"|moins d[e']|jusqu'a|menos de|hasta|ate|abaixo de)\s*$"
)
_NUMBER: Final = r"\d{1,3}(?:[  '’.,]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?|[.,]\d+"
_AMOUNT: Final = re.compile(rf"(?P<digits>{_NUMBER})\s*(?P<unit>(?:[a-z]+\.?|€)?)(?P<rest>\s*(?:de\s+)?(?:[a-z]+\.?)?)")
_RANGE: Final = re.compile(
    r"^(?:\s*(?:-|–|—|~)\s*|\s+(?:to|bis|a|au|et|and|und|y|e|ate|up to|hasta)\s+)(?:[a-z]{1,3}\$|[€$£¥])?\s*$"
)
_SCIENTIFIC: Final = re.compile(r"^\+?\d+(?:\.\d+)?e\+?\d{1,2}$")
#: "K€ 500", "MEUR 5"
_LEADING_FACTOR: Final = re.compile(r"(?:^|\s)([km])(?:€|\$|£|eur|usd)\s*$")
_GROUPS: Final = re.compile(r"^\d{1,3}([  '’.,])\d{3}(?:\1\d{3})*$")
_LARGEST: Final = 10.0**15
_LONGEST: Final = 200


class _Part(NamedTuple):
    value: float
    factor: int | None
    start: int
    end: int


@lru_cache(maxsize=SHARED)
def number_from_text(text: str) -> float | None:
    """The number that a text states; none for a text without one, a percentage, a negative number or a list of
    several.

    A range is its middle ("1,000-5,000" is 3000), which lies inside the band whichever end belongs to it; an upper
    bound ("< 50", "moins de 50") the middle between it and zero; a lower bound ("500+", "more than 500", "5k+") that
    bound. "1.200" and "1,200" are 1200, with a magnitude "1.2" and "1,2" are decimals; a decimal point before three
    digits counts when K, M or B follows ("$1.234B").
    """
    if len(text) > _LONGEST:
        return None
    folded = fold(text).replace("−", "-")
    if "%" in folded or not any(letter.isdigit() for letter in folded):
        return None
    if _SCIENTIFIC.match(folded):
        return _checked(float(folded))
    parts = _parts(folded)
    if not parts or len(parts) > 2 or _negative(folded, parts[0].start):
        return None
    if len(parts) == 1:
        value = _value(parts[0], parts[0].factor)
        return _checked(value / 2 if _LESS.search(folded[: parts[0].start].rstrip("$€£ ")) else value)
    low, high = parts
    if not _RANGE.match(folded[low.end : high.start]):
        return None
    bottom, top = _value(low, low.factor or high.factor), _value(high, high.factor)
    if low.factor is None and bottom > top:
        bottom = low.value  # "500-1M": only the upper end is in millions
    return _checked((bottom + top) / 2) if bottom <= top else None


def currency_of(text: str) -> str | None:
    """The ISO 4217 code that a text of money names, when it names exactly one; a bare $ is US dollars."""
    found = {
        _CURRENCY_WORDS[word]
        for word in re.findall(r"[a-z]{0,2}\$|[€£¥₹]|[a-z]+", fold(text))
        for word in (word, word.removeprefix("k"), word.removeprefix("m"))
        if word in _CURRENCY_WORDS
    }
    return next(iter(found)) if len(found) == 1 else None


def whole_number(text: str) -> int | None:
    """A head count: the number that a text states, rounded half away from zero; "1.5" alone is one and a half, hence
    2.
    """
    value = number_from_text(text)
    return None if value is None else math.floor(value + 0.5)


def _parts(folded: str) -> list[_Part]:
    parts: list[_Part] = []
    for found in _AMOUNT.finditer(folded):
        unit, rest = found["unit"].rstrip("."), found["rest"].strip().removeprefix("de ").rstrip(".")
        end = found.end("digits")
        factor = _factor(unit)
        if factor is not None:
            end = found.end("unit")
            if factor == 10**3 and (more := _factor(rest)) and len(rest) > 1:
                factor, end = factor * more, found.end("rest")  # "mil millones", "mil milhões"
        elif before := _LEADING_FACTOR.search(folded[: found.start()]):
            factor = _MAGNITUDES[before[1]]
        value = _digits(found["digits"], magnitude=unit if factor is not None else "")
        parts.append(_Part(value, factor, found.start(), end))
    return parts


def _factor(unit: str) -> int | None:
    if unit in _MAGNITUDES:
        return _MAGNITUDES[unit]
    for currency in ("eur", "usd", "gbp", "chf", "euros", "euro"):
        if unit.endswith(currency) and unit != currency and unit.removesuffix(currency) in _MAGNITUDES:
            return _MAGNITUDES[unit.removesuffix(currency)]
    return None


def _digits(digits: str, *, magnitude: str) -> float:
    """Digits with separators as a number."""
    grouped = _GROUPS.match(digits)
    if grouped:
        separator = grouped[1]
        point = (
            separator == "."
            and digits.count(".") == 1
            and magnitude in {"k", "m", "b", "bn", "mm", "mn", "million", "billion"}
        )
        zero = digits.startswith("0")
        return (
            float(digits.replace(",", "."))
            if point or (zero and separator in ".,")
            else float(digits.replace(separator, ""))
        )
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return float(re.sub(r"\D", "", digits))
    whole, fraction = re.sub(r"\D", "", digits[:last]), re.sub(r"\D", "", digits[last:])
    return float(f"{whole or 0}.{fraction}")


def _value(part: _Part, factor: int | None) -> float:
    # NOTE: a decimal times its magnitude is rounded to cents, so that 1.1 x 1000 is not 1100.0000000000002.
    return round(part.value * (factor or 1), 2)


def _negative(folded: str, start: int) -> bool:
    before = folded[:start].rstrip("$€£ ")
    return before.endswith("-") or (before.endswith("(") and folded.endswith(")") and folded.startswith("("))


def _checked(value: float) -> float | None:
    return value if math.isfinite(value) and value <= _LARGEST else None
