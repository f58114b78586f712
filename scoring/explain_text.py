"""Explanations as text for CRM fields: the main reasons in a line, the whole breakdown in a long text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.explain_words import words
from scoring.vocabulary import SCALE, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

#: Parts of whatever rules give; the others only bound, weigh or round it.
_STEPS: Final = ("total", "gate", "rounding")
_MORE: Final = "…"


def main_reasons(
    lines: pl.DataFrame, *, language: Language = Language.ENGLISH, most: int = 5, length: int = 255
) -> pl.DataFrame:
    """Name the lines that weigh most, such as "+12 Director; -5 Personal e-mail address".

    Returns:
        `person_id, main_reasons`, one row per person with lines; texts are at most `length` characters long.
    """
    return _texts(lines, "main_reasons", lambda rows: _reasons(rows, language, most, length))


def breakdown(lines: pl.DataFrame, *, language: Language = Language.ENGLISH, length: int = 32_000) -> pl.DataFrame:
    """Write every line with its evidence, and the total.

    Returns:
        `person_id, breakdown`, one row per person with lines; texts are at most `length` characters long.
    """
    return _texts(lines, "breakdown", lambda rows: _whole(rows, language, length))


class _Row:
    """One line as the texts need it."""

    __slots__ = ("evidence", "label", "milli", "part", "rule_id")

    def __init__(self, part: str, rule_id: str | None, label: str, points: Decimal, evidence: str | None) -> None:
        self.part, self.rule_id, self.label, self.evidence = part, rule_id, label, evidence
        self.milli = int(points * SCALE)


def _texts(lines: pl.DataFrame, name: str, write: Callable[[list[_Row]], str]) -> pl.DataFrame:
    ids: list[object] = []
    found: list[list[_Row]] = []
    columns = lines.select("person_id", "part", "rule_id", "label", "points", "evidence")
    for person_id, *rest in columns.iter_rows():
        if not ids or ids[-1] != person_id:
            ids.append(person_id)
            found.append([])
        found[-1].append(_Row(*rest))
    return pl.DataFrame(
        {"person_id": pl.Series(ids, dtype=lines.schema["person_id"]), name: [write(rows) for rows in found]},
        schema_overrides={name: pl.String},
    )


def _reasons(rows: Sequence[_Row], language: Language, most: int, length: int) -> str:
    say = words(language)
    told = [row for row in rows if row.milli != 0 and (row.rule_id is not None or row.part not in _STEPS)]
    deciding = [row for row in told if row.part in ("disqualification", "override")]
    others = sorted(
        (row for row in told if row not in deciding and row.part != "gate"), key=lambda row: -abs(row.milli)
    )
    pieces = [
        row.label if row in deciding else f"{_signed(say.amount(row.milli))} {row.label}"
        for row in (*deciding, *others)
    ]
    return _joined(pieces[:most], "; ", length) or say.nothing


def _whole(rows: Sequence[_Row], language: Language, length: int) -> str:
    say = words(language)
    pieces = [
        f"{_signed(say.amount(row.milli))} {row.label}" + (f" ({row.evidence})" if row.evidence else "") for row in rows
    ]
    last = f"= {say.amount(sum(row.milli for row in rows))} {say.points}"
    return _joined(pieces, "\n", length - len(last) - 1) + "\n" + last


def _signed(amount: str) -> str:
    return amount if amount.startswith("-") or amount == "0" else f"+{amount}"


def _joined(pieces: Sequence[str], separator: str, length: int) -> str:
    """Join whole pieces as long as they fit; the last one ends in an ellipsis where something had to go."""
    text = separator.join(pieces)
    if len(text) <= length:
        return text
    kept: list[str] = []
    room = length - len(_MORE)
    for piece in pieces:
        if sum(map(len, kept)) + len(separator) * len(kept) + len(piece) > room:
            break
        kept.append(piece)
    return separator.join(kept) + _MORE if kept else text[:room] + _MORE
