"""Options that are dates."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer


def parse_day(text: str) -> date:
    """Read 2026-11-18; anything else is wrong use."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else _refuse(text)
    except ValueError:
        return _refuse(text)


def _refuse(text: str) -> date:
    message = f"{text!r} is not a date such as 2026-11-18"
    raise typer.BadParameter(message)


DayOption = Annotated[
    date | None,
    typer.Option(
        "--day",
        metavar="D",
        parser=parse_day,
        help="The day for which scores hold (default: today in the model's time zone).",
    ),
]
