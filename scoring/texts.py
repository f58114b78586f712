"""Texts as conditions compare them: trimmed, blank is absent, folded by full Unicode case folding."""

from __future__ import annotations

from typing import Final

import polars as pl

#: Everything that Python's `str.strip` takes off, so that operands and cells are trimmed alike.
WHITESPACE: Final = "".join(char for char in map(chr, range(0x3001)) if char.isspace())


def trimmed(text: pl.Expr) -> pl.Expr:
    """Trim; blank text becomes null."""
    bare = text.str.strip_chars(WHITESPACE)
    return pl.when(bare != "").then(bare)


def folded(texts: pl.Series) -> pl.Series:
    """Fold the case; lower case is the same thing only for ASCII, so other distinct values are folded one by one."""
    lower = texts.str.to_lowercase()
    foreign = texts.str.len_bytes() != texts.str.len_chars()
    if not foreign.any():
        return lower
    places = foreign.fill_null(value=False).arg_true()
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
