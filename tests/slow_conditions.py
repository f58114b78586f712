"""Conditions, one person and one activity at a time: half of the slow evaluator. Written from scoring.md, not from the engine."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

NUMBERS = {"employees", "revenue", "count", "duration_s", "seats", "timeline_months"}
DATES = {"created_at", "at", "modified_at"}
NORMAL = {"country": "country_code", "state": "region_code", "phone": "phone_e164"}
DERIVED = {"seniority", "country_code", "function", "email_class"}


def text(cell):
    return cell.strip() or None


def clean(cell):
    """A cell as conditions see it: None where it is absent."""
    if isinstance(cell, str):
        return text(cell)
    if isinstance(cell, list):
        return [each.strip() for each in cell if each.strip()] or None
    return cell


def local(instant, zone):
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(ZoneInfo(zone)).date()


def effective(person, name):
    """Value and whether it came from enrichment."""
    own, other = clean(person.get(name)), clean(person.get(f"enriched_{name}"))
    if name in DERIVED:
        told = [
            each if each is not None and each.casefold() not in ("unknown", "missing") else None
            for each in (own, other)
        ]
        if told[0] is not None:
            return told[0], False
        if told[1] is not None:
            return told[1], True
    return (own, False) if own is not None else (other, other is not None)


def both_and(parts):
    parts = list(parts)
    return False if False in parts else None if None in parts else True


def either(parts):
    parts = list(parts)
    return True if True in parts else None if None in parts else False


class Sight:
    """How a condition looks at a person or at an activity."""

    def __init__(self, cell, day, zone, lists, happened=None):
        self.cell, self.day, self.zone, self.lists, self.happened = cell, day, zone, lists, happened

    def truth(self, condition):
        return both_and(self.entry(key, value) for key, value in condition.items())

    def entry(self, key, value):
        if key == "all":
            return both_and(self.truth(each) for each in value)
        if key == "any":
            return either(self.truth(each) for each in value)
        if key == "not":
            inner = self.truth(value)
            return None if inner is None else not inner
        if key == "happened":
            return self.happened(value)
        return self.attribute(NORMAL.get(key, key), value)

    def attribute(self, name, test):
        if not isinstance(test, dict):
            test = {"in": test if isinstance(test, list) else [test]}
        case = test.get("case", False)
        cell = clean(self.cell(name))
        parts = []
        per_value = []
        for operator, operand in test.items():
            if operator == "case":
                continue
            if operator in ("present", "missing"):
                parts.append((cell is not None) == (operand == (operator == "present")))
            else:
                per_value.append((operator, operand))
        if per_value and cell is None:
            parts.append(None)
        elif per_value:
            values = cell if isinstance(cell, list) else [cell]
            parts.append(any(all(self.compare(name, v, o, x, case) for o, x in per_value) for v in values))
        return both_and(parts)

    def compare(self, name, cell, operator, operand, case):
        if name in DATES:
            return self.compare_dates(cell, operator, operand)
        if isinstance(cell, bool):
            return cell in (operand if isinstance(operand, list) else [operand])
        if name in NUMBERS:
            return compare_numbers(Fraction(str(cell)), operator, operand)
        if operator == "matches":
            return re.search(operand, cell, 0 if case else re.IGNORECASE) is not None
        fold = (lambda t: t.strip()) if case else (lambda t: t.strip().casefold())
        cell = fold(cell)
        if operator == "in_list":
            known = self.lists[operand]
            # The tests' list files hold their own names.
            return cell in [fold(each) for each in ([known["file"]] if isinstance(known, dict) else known)]
        if operator == "in":
            return cell in [fold(each) for each in operand]
        return {"contains": cell.__contains__, "starts_with": cell.startswith, "ends_with": cell.endswith}[operator](
            fold(operand)
        )

    def compare_dates(self, cell, operator, operand):
        when = local(cell, self.zone) if isinstance(cell, datetime) else cell
        if operand.endswith("days"):
            age = (self.day - when).days
            return age >= int(operand.split()[0]) if operator == "before" else age < int(operand.split()[0])
        fixed = date.fromisoformat(operand)
        return when < fixed if operator == "before" else when > fixed


def compare_numbers(cell, operator, operand):
    if operator == "in":
        return any(cell == Fraction(str(each)) for each in (operand if isinstance(operand, list) else [operand]))
    if operator == "between":
        return Fraction(str(operand[0])) <= cell <= Fraction(str(operand[1]))
    limit = Fraction(str(operand))
    return {"gt": cell > limit, "gte": cell >= limit, "lt": cell < limit, "lte": cell <= limit}[operator]


def named_attributes(condition):
    """Names that a condition on a person looks at, as they are after normalising."""
    for key, value in condition.items():
        if key in ("all", "any"):
            for each in value:
                yield from named_attributes(each)
        elif key == "not":
            yield from named_attributes(value)
        elif key != "happened":
            yield NORMAL.get(key, key)


def duration(words):
    number, unit = words.split()
    return timedelta(**{unit: int(number)})


def in_days(words):
    return int(words.split()[0])
