"""The derived attributes of one record."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from scoring.attributes.remembered import OWN
from scoring.attributes.rules import NUMBER_RULES, RULES, Derived

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Equal inputs are computed once; `typed`, because True, 1 and 1.0 are equal and mean different things here.
_STEPS: Final = [
    (rule.inputs, rule.names, rule.compute, lru_cache(maxsize=OWN, typed=True)(rule.compute)) for rule in RULES
]


def derive(record: Mapping[str, object]) -> dict[str, str | bool | int | float]:
    """Every derived attribute that follows from the declared attributes of a record, by canonical name.

    An attribute that cannot be told is left out: without a title there is no seniority, with a title that says
    nothing it is "unknown". Only `email_class` is always there ("missing"). A derived attribute that the record
    already holds is taken as it is, and what depends on it follows from it. `employees` and `revenue` are read from
    text; numbers stay.

    Never raises, whatever the values; values of other types than text, numbers and booleans are absent.
    """
    known: dict[str, object] = dict(record)
    derived: dict[str, str | bool | int | float] = {}
    for inputs, names, compute, cached in _STEPS:
        given = [_given(record[name]) if name in record else None for name in names]
        computed: tuple[Derived, ...] = ()
        if None in given:
            values = [known.get(name) for name in inputs]
            computed = cached(*values) if all(map(_is_plain, values)) else compute(*values)
        for at, name in enumerate(names):
            value = given[at] if given[at] is not None else computed[at]
            known[name] = value
            if value is not None:
                derived[name] = value
    for rule in NUMBER_RULES:
        (name,) = rule.inputs
        (number,) = rule.compute(record.get(name))
        if number is not None:
            derived[name] = number
    return derived


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, bool, int, float))


def _given(value: object) -> str | bool | int | float | None:
    if isinstance(value, str):
        return value if value.strip() else None
    return value if isinstance(value, (bool, int, float)) else None
