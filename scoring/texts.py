"""Texts as conditions compare them: trimmed, blank is absent, folded by full Unicode case folding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Everything that Python's `str.strip` takes off, so that operands and cells are trimmed alike.
WHITESPACE: Final = "".join(char for char in map(chr, range(0x3001)) if char.isspace())


def stripped(text: pl.Expr) -> pl.Expr:
    """Trim; blank text becomes empty."""
    return text.str.strip_chars(WHITESPACE)


def trimmed(text: pl.Expr) -> pl.Expr:
    """Trim; blank text becomes null."""
    return pl.when(stripped(text) != "").then(stripped(text))


def with_folded(frame: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Add folded texts of columns, each under its new name.

    Lower case is the same thing only for ASCII, so the other values are folded one by one.
    """
    if not names:
        return frame
    ascii_only = frame.select((pl.col(name).str.len_bytes() == pl.col(name).str.len_chars()).all() for name in names)
    frame = frame.with_columns(pl.col(name).str.to_lowercase().alias(new) for name, new in names.items())
    foreign = [name for name in names if not ascii_only[name][0]]
    return frame.with_columns(_refolded(frame[name], frame[names[name]]) for name in foreign)


def folded(texts: pl.Series) -> pl.Series:
    """Fold the case of one column."""
    return with_folded(texts.alias("text").to_frame(), {"text": "folded"})["folded"].rename(texts.name)


def _refolded(texts: pl.Series, lower: pl.Series) -> pl.Series:
    places = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(value=False).arg_true()
    strange = texts.gather(places)
    distinct = strange.unique()
    forms = pl.Series([fold(text) for text in distinct.to_list()], dtype=pl.String)
    return lower.scatter(places, strange.replace_strict(distinct, forms, return_dtype=pl.String))


def fold(text: str) -> str:
    """Fold one text, as `folded` does."""
    return text.casefold()


def operand(text: str, *, case: bool) -> str:
    """Bring an operand into the form of the values that it is compared with."""
    bare = text.strip()
    return bare if case else fold(bare)
