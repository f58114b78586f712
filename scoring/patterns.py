"""The distinct rows of a frame of truths: what is said of a row is written once for all that are alike."""

from __future__ import annotations

from typing import Final

import polars as pl

#: Columns are told apart by the bits of a word; more columns than that take another word.
_WORD_BITS: Final = 60


def patterns_of(truths: pl.DataFrame) -> tuple[list[tuple[bool, ...]], pl.Series]:
    """The distinct rows of Boolean columns without nulls, and for each row the number of its own."""
    names = truths.columns
    words = truths.select(
        pl.sum_horizontal(
            pl.col(name).cast(pl.Int64) * (1 << bit) for bit, name in enumerate(names[at : at + _WORD_BITS])
        ).alias(f"word.{at}")
        for at in range(0, len(names), _WORD_BITS)
    )
    distinct = truths.hstack(words).unique(words.columns, maintain_order=True).with_row_index("number")
    numbers = words.join(distinct, on=words.columns, how="left", maintain_order="left")["number"]
    return distinct.select(names).rows(), numbers
