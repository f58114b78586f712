"""Checks the operands of conditions: words that an attribute never has, and patterns that cost more than they say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.attributes.place import COUNTRY_CODES, country_code, region_code
from scoring.model_conditions import Operator
from scoring.model_file_reading import suggestion
from scoring.model_findings import comparisons
from scoring.vocabulary import DERIVED_VALUES

if TYPE_CHECKING:
    from scoring.model import Model
    from scoring.model_conditions import Comparison
    from scoring.model_findings import Remarks

_WORDS: Final = (Operator.IN, Operator.IN_LIST)
_REGION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}", re.IGNORECASE)
_PHONE: Final = re.compile(r"\+[0-9]{6,15}")
_COUNTED: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_PLAIN: Final = re.compile(r"[^\\.^$*+?{}\[\]|()]+")
#: Repetitions by count are written out by the regular-expression engine.
_MANY_REPEATS: Final = 100
_MANY_ALTERNATIVES: Final = 50


def check_values(model: Model, remarks: Remarks) -> None:
    """Remark on operands that no value equals, empty and unused lists, and costly patterns."""
    used = set()
    for test, comparison in comparisons(model):
        if comparison.list_name is not None:
            used.add(comparison.list_name)
        if comparison.operator in _WORDS:
            for value in comparison.values:
                if isinstance(value, str):
                    _check_word(test.attribute, value, comparison, remarks)
        elif comparison.operator is Operator.MATCHES:
            _check_pattern(str(comparison.values[0]), comparison, remarks)
    for each in model.lists:
        if not each.values:
            source = f"add values to {each.file}" if each.file else "add values"
            remarks.warn(each.position, f"the list {each.name!r} is empty, so nothing is ever in it", source)
        if each.name not in used:
            remarks.note(each.position, f"the list {each.name!r} is used nowhere", "use it with `in_list` or remove it")


def _check_word(attribute: str, value: str, comparison: Comparison, remarks: Remarks) -> None:
    if attribute in DERIVED_VALUES and value.casefold() not in DERIVED_VALUES[attribute]:
        known = DERIVED_VALUES[attribute]
        remarks.warn(
            comparison.position,
            f"{attribute} is never {value!r}{suggestion(value, known)}",
            f"its values are {', '.join(known)}",
        )
    elif attribute in ("country_code", "phone_country") and value.upper() not in COUNTRY_CODES:
        code = country_code(value)
        remarks.warn(
            comparison.position,
            f"countries are compared by their ISO 3166-1 code, and {value!r} is none",
            f"write {code}" if code else "write a code such as US",
        )
    elif attribute == "region_code" and not _REGION.fullmatch(value):
        code = region_code(value, None)
        remarks.warn(
            comparison.position,
            f"states are compared by their ISO 3166-2 code, and {value!r} is none",
            f"write {code}" if code else "write a code such as US-CA",
        )
    elif attribute == "phone_e164" and not _PHONE.fullmatch(value):
        remarks.warn(
            comparison.position,
            "telephone numbers are compared in their international form, and this is none",
            "write it like '+33142685300'",
        )
    elif attribute in ("email_domain", "company_domain") and ("@" in value or "/" in value or "." not in value):
        remarks.warn(
            comparison.position,
            f"a domain is compared as such, and {value!r} is none",
            "write it like company.example",
        )


def _check_pattern(pattern: str, comparison: Comparison, remarks: Remarks) -> None:
    if _PLAIN.fullmatch(pattern):
        remarks.note(
            comparison.position, "this regular expression is plain text", "write `contains` instead of `matches`"
        )
        return
    if pattern.startswith((".*", "^.*")) or pattern.endswith((".*", ".*$")):
        remarks.note(
            comparison.position,
            "this regular expression begins or ends with `.*`, which only costs time",
            "leave it out: `matches` searches anywhere in the text",
        )
    if _matches_anything(pattern):
        remarks.warn(
            comparison.position,
            "this regular expression matches any text, so it holds for everybody who has a value",
            "write what must be there, or `present: true` if any value will do",
        )
    repeats = 1
    for low, high in _COUNTED.findall(pattern):
        repeats *= max(int(high or low), 1)
    if repeats >= _MANY_REPEATS:
        remarks.note(
            comparison.position,
            f"this regular expression repeats parts up to {repeats:,} times, which costs time and memory",
            "use `*` or `+`, or smaller counts",
        )
    if pattern.count("|") >= _MANY_ALTERNATIVES:
        remarks.note(
            comparison.position,
            f"this regular expression has {pattern.count('|') + 1} alternatives",
            "put whole values into a list and use `in_list`",
        )


def _matches_anything(pattern: str) -> bool:
    # Nothing, and something that nobody looks for.
    probes = pl.Series(["", "\u2603"])
    return bool(probes.str.contains(f"(?i){pattern}", literal=False, strict=True).all())
