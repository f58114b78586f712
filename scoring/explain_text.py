"""Explanations as text for CRM fields: the main reasons in a line, the whole breakdown in a long text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.explain_words import Words, words
from scoring.vocabulary import SCALE, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

_MORE: Final = "…"


def main_reasons(
    lines: pl.DataFrame, *, language: Language = Language.ENGLISH, most: int = 5, length: int = 255
) -> pl.DataFrame:
    """Name what weighs most, such as "+12 Director; -5 Personal e-mail address", in whole points.

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
    """What a sales rep should read: rules with their caps taken off, in whole points; no arithmetic of the model."""
    say = words(language)
    deciding = [row.label for row in rows if row.part in ("disqualification", "override")]
    amounts: dict[tuple[str, str], int] = {}
    labels: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.milli == 0 or row.label in deciding or _is_arithmetic(row, say):
            continue
        key = (row.part, row.rule_id if row.rule_id is not None else row.label)
        labels.setdefault(key, row.label)
        amounts[key] = amounts.get(key, 0) + row.milli
    heaviest = sorted(amounts, key=lambda key: -abs(amounts[key]))
    whole = [(_whole_points(amounts[key]), labels[key]) for key in heaviest]
    pieces = deciding + [f"{_signed(str(points))} {label}" for points, label in whole if points]
    return _joined(pieces[:most], "; ", length) or say.nothing


def _is_arithmetic(row: _Row, say: Words) -> bool:
    """Weights, floors, caps and roundings: they explain the sum, not the person. A rule's own cap is taken off the rule."""
    if row.part in ("total", "rounding"):
        return True
    if row.label == say.rounding or row.label.startswith(_head(say.group_cap)):
        return True
    return row.rule_id is None and row.label.startswith(
        tuple(map(_head, (say.weight_label, say.floor_label, say.cap_label)))
    )


def _head(template: str) -> str:
    """What stands before the first place of a template."""
    return template.partition("{")[0]


def _whole_points(milli: int) -> int:
    """Half away from zero, as all rounding."""
    rounded = (abs(milli) + SCALE // 2) // SCALE
    return -rounded if milli < 0 else rounded


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
