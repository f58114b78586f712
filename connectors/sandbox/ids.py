"""Record ids as the vendors give them: ascending, so that the order of creation is the order of ids."""

from __future__ import annotations

from collections.abc import Callable

#: (prefix of the object, running number from 1) to a record id.
NewId = Callable[[str, int], str]

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_HUBSPOT_GAP = 7


def salesforce_id(prefix: str, number: int) -> str:
    """An 18-character id: prefix, instance, running number in base 62, checksum of the upper-case letters."""
    digits = []
    for _ in range(9):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return with_checksum(f"{prefix}Ws0{''.join(reversed(digits))}")


def with_checksum(short: str) -> str:
    """The 18-character form of a 15-character id."""
    suffix = []
    for start in (0, 5, 10):
        bits = sum(1 << place for place, char in enumerate(short[start : start + 5]) if "A" <= char <= "Z")
        suffix.append(_CHECKSUM[bits])
    return short + "".join(suffix)


def hubspot_id(prefix: str, number: int) -> str:
    """A numeric id with gaps, in a range of its own per object type (`0-1`, `0-48`)."""
    series = int(prefix.rpartition("-")[2])
    return str(series * 1_000_000_000 + 10_000_000 + number * _HUBSPOT_GAP)


def id_order(record_id: str) -> tuple[int, str]:
    """Sort key: numeric order for HubSpot's ids, order of creation for Salesforce's."""
    return (len(record_id), record_id)
