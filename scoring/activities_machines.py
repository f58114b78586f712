"""Activities of machines: link scanners that click right after a mail was sent, or on many links at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.vocabulary import ACTIVITY_KINDS

if TYPE_CHECKING:
    from scoring.model import Burst, Machines

#: The kinds that the search looks at.
CLICK: Final = "email_clicked"
SENDS: Final = ("email_sent", "email_delivered")
_CLICK: Final = ACTIVITY_KINDS.index(CLICK)
_SENDS: Final = [ACTIVITY_KINDS.index(kind) for kind in SENDS]
_IS_CLICK: Final = pl.col("kind") == _CLICK
_IS_SEND: Final = pl.col("kind").is_in(_SENDS)
_MESSAGE: Final = ["person", "message_id"]


def suspects(rows: pl.DataFrame, machines: Machines) -> pl.DataFrame:
    """Narrow rows down, by person and instant alone, to the clicks that may be a machine's and the sends before them.

    Rows have the columns `person, at` (microseconds), `kind` (number), `age, message_id` and perhaps `link` and are sorted
    by person and instant; a suspect also has its `row`. Most mail is left out here by comparing neighbours, so that no
    message is looked at twice.
    """
    seen = [name for name in ("person", "at", "kind", "age", "message_id", "link") if name in rows.columns]
    mail = rows.select(seen).with_row_index("row").filter((_IS_CLICK | _IS_SEND) & pl.col("message_id").is_not_null())
    mail = mail.with_columns(_letters(rows, "message_id"), _letters(rows, "link")).drop_nulls("message_id")
    clicks = mail.filter(_IS_CLICK)
    if clicks.is_empty():
        return clicks
    parts = []
    if machines.click_after_send_us is not None:
        soon = mail.filter(_IS_CLICK & _soon_after_some_send(machines.click_after_send_us))
        sends = mail.filter(_IS_SEND).join(soon.select(_MESSAGE).unique(), on=_MESSAGE, how="semi")
        parts += [soon, sends]
    if machines.burst is not None:
        parts.append(clicks.filter(_among_near_clicks(machines.burst)))
    return pl.concat(parts).unique("row").sort("person", "at", "row")


def machine_rows(suspected: pl.DataFrame, machines: Machines) -> pl.Series:
    """Values of `row` of the clicks that are a machine's, among suspects that exist on the day."""
    clicks = suspected.filter(_IS_CLICK).sort("at")
    found = [clicks["row"].clear()]
    if machines.click_after_send_us is not None:
        sends = suspected.filter(_IS_SEND).select(*_MESSAGE, "at", started="at").sort("at")
        found.append(_within(clicks, sends, machines.click_after_send_us))
    if machines.burst is not None:
        found.append(_within(clicks, _burst_starts(clicks, machines.burst), machines.burst.within_us))
    return pl.concat(found).unique().sort()


def _letters(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Ids and links as they are written; blank is absent."""
    if column not in rows.columns:
        return pl.lit(None, dtype=pl.String).alias(column)
    if rows.schema[column] != pl.String:
        return pl.col(column)
    return pl.when(pl.col(column).str.strip_chars() != "").then(pl.col(column)).alias(column)


def _soon_after_some_send(within: int) -> pl.Expr:
    sent, to = pl.when(_IS_SEND).then("at"), pl.when(_IS_SEND).then("person")
    before = (to.forward_fill() == pl.col("person")) & (pl.col("at") - sent.forward_fill() <= within)
    # A send of the same instant may stand on either side of its click.
    beside = (to.backward_fill() == pl.col("person")) & (sent.backward_fill() == pl.col("at"))
    return before | beside


def _among_near_clicks(burst: Burst) -> pl.Expr:
    """In a burst there are at least so many clicks in a row, whatever the message."""
    last = 1 - burst.links
    near = (pl.col("person").shift(last) == pl.col("person")) & (
        pl.col("at").shift(last) - pl.col("at") <= burst.within_us
    )
    return near.fill_null(value=False).cast(pl.Int8).rolling_max(burst.links, min_samples=1) == 1


def _burst_starts(clicks: pl.DataFrame, burst: Burst) -> pl.DataFrame:
    """Clicks from which on, within the length of the interval, enough different links of the message are clicked."""
    # Twice the time, so that the length of the window is never 0, which Polars refuses.
    distinct = clicks.select(*_MESSAGE, "link", twice=pl.col("at") * 2).unique().sort(*_MESSAGE, "twice")
    windows = distinct.rolling(
        "twice", period=f"{2 * burst.within_us + 1}i", offset="0i", closed="both", group_by=_MESSAGE
    ).agg(pl.col("link").drop_nulls().n_unique().alias("links"))
    starts = windows.filter(pl.col("links") >= burst.links).select(*_MESSAGE, at=pl.col("twice") // 2).unique()
    return starts.with_columns(started="at").sort("at")


def _within(clicks: pl.DataFrame, starts: pl.DataFrame, length: int) -> pl.Series:
    """Clicks at, or up to `length` after, a start of the same message and person."""
    joined = clicks.join_asof(starts, on="at", by=_MESSAGE, strategy="backward", check_sortedness=False)
    return joined.filter(pl.col("at") - pl.col("started") <= length)["row"]
