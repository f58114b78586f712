"""What a written field is worth: one normal form for wanted, sent and observed values, and when a difference is due.

Values are JSON scalars by output name: whole numbers, booleans, texts, instants as ISO text to the second; None is empty.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeAlias

from connectors.outputs import OutputField, in_order, output_of
from connectors.port import OutputType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connectors.records import Value

Scalar: TypeAlias = str | int | float | bool | None
#: Values of one CRM record by output name.
Values: TypeAlias = "dict[str, Scalar]"

#: They tell of the last write: never a reason for another one, whatever the deadband.
SILENT = frozenset({"scored_at", "changed_by"})


def normal(output: str, value: Value | None) -> Scalar:
    """One value in its normal form; blank text is empty, an empty checkbox is False.

    A value that does not fit the output's type (somebody wrote words into a number) stays text, hence differs from ours.
    """
    return _normal(_field(output), value)


def _normal(field: OutputField, value: Value | None) -> Scalar:
    if field.type is OutputType.CHECKBOX:
        return value if value is True or value is False else _checkbox(value)
    if value is None or value == "":
        return None
    if type(value) is int and field.type is OutputType.NUMBER:
        return value
    match field.type:
        case OutputType.NUMBER:
            return _number(value)
        case OutputType.DATE_TIME:
            return _instant(value)
        case _:
            return _text(field, str(value))


def normal_values(values: Mapping[str, Value | None]) -> Values:
    """All known outputs of a record in normal form; unknown names are left out."""
    return {name: _normal(field, value) for name, value in values.items() if (field := output_of(name))}


def changed(desired: Values, sent: Values | None) -> list[str]:
    """Names of the outputs whose values differ, in the order of the outputs table."""
    return in_order(_differing(desired, sent))


def is_due(desired: Values, sent: Values | None, *, deadband: int) -> bool:
    """Whether the differences are worth a write: triggers at once, numbers beyond the deadband, the others never alone.

    With a deadband of 0 whatever differs is due, except what only tells of the last write.
    """
    names = [name for name in _differing(desired, sent) if name not in SILENT]
    if not names:
        return False
    if sent is None or deadband == 0 or any(_field(name).trigger for name in names):
        return True
    return any(_beyond(desired[name], sent.get(name), deadband) for name in names if _field(name).banded)


def is_urgent(desired: Values, sent: Values | None) -> bool:
    """Whether a trigger other than the number itself changed: such entries go first."""
    return any(_field(name).trigger for name in _differing(desired, sent))


def drifted(sent: Values | None, observed: Values | None, names: Iterable[str]) -> list[str]:
    """Outputs for which the CRM holds something else than we last wrote."""
    if not sent or observed is None:
        return []
    return [name for name in names if name in sent and name in observed and not _same(name, sent[name], observed[name])]


def to_write(name: str, value: Scalar) -> Value | None:
    """A normal value as the connector takes it (instants as datetimes)."""
    if value is not None and _field(name).type is OutputType.DATE_TIME:
        return datetime.fromisoformat(str(value))
    return value


def _differing(desired: Values, sent: Values | None) -> Iterator[str]:
    known = sent or {}
    return (name for name, value in desired.items() if not _same(name, value, known.get(name)))


def _field(output: str) -> OutputField:
    known = output_of(output)
    if known is None:
        raise KeyError(output)
    return known


def _same(name: str, one: Scalar, other: Scalar) -> bool:
    return one == other or (_field(name).type is OutputType.CHECKBOX and bool(one) == bool(other))


def _beyond(one: Scalar, other: Scalar, deadband: int) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) > deadband
    return one != other


def _checkbox(value: Value | None) -> bool | str:
    if isinstance(value, bool):
        return value
    text = str(value if value is not None else "").strip().casefold()
    return {"": False, "false": False, "0": False, "no": False, "true": True, "1": True, "yes": True}.get(text, text)


def _number(value: Value) -> Scalar:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return str(value)
    return int(number) if number == number.to_integral_value() else float(number)


def _instant(value: Value) -> str:
    if isinstance(value, datetime):
        moment = value
    else:
        text = str(value).strip()
        try:
            moment = datetime.fromtimestamp(int(text) / 1000, UTC) if text.isdigit() else datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            return text
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def _text(field: OutputField, text: str) -> str | None:
    """Line ends as one newline, no blanks at the ends, cut to what the field holds: CRMs do all three."""
    if "\n" in text or "\r" in text:
        text = "\n".join([line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")])
    tidy = text.strip()
    if field.type in {OutputType.TEXT, OutputType.LONG_TEXT, OutputType.CHOICE}:
        tidy = tidy[: field.length] if field.type is not OutputType.CHOICE else tidy
    return tidy.strip() or None
