"""Text as the normalisers see it: trimmed, without case, accents and typographic variants.

Nothing here knows what a text is about.
"""

from __future__ import annotations

import math
import re
import unicodedata

_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[\W_]+")
#: Letters that decomposition leaves alone; the rest loses its accents by NFKD.
_LETTERS = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "đ": "d", "ł": "l", "ı": "i", "’": "'", "‘": "'", "`": "'"})


def present(value: object) -> str | None:
    """The trimmed text of a cell, or None when there is none: blank text, NaN and anything that is not text or a
    number.
    """
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else None
    if isinstance(value, float):
        if not math.isfinite(value) or abs(value) >= 1e30:
            return None
        return str(int(value)) if value.is_integer() else str(value)
    return None


def fold(text: str) -> str:
    """Case-folded text without accents, with plain apostrophes and single spaces."""
    if text.isascii():
        return _SPACES.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SPACES.sub(" ", plain.translate(_LETTERS)).strip()


def words(text: str) -> str:
    """Folded text with everything but letters and digits turned into single spaces: the key of the look-up tables."""
    return _NOT_WORD.sub(" ", fold(text)).strip()


def word_set(text: str, between: str | None = None) -> frozenset[str]:
    """The entries of a word list, separated by blanks or by what is given."""
    return frozenset(entry.strip() for entry in text.split(between) if entry.strip())
