"""A word list in a compact notation, compiled for matching: phrases, single words, and word parts.

Knows the notation (`a|b_c`, `stem*`, `*ending`, `*part*`), not what the words mean.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from scoring.attributes.remembered import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Value = TypeVar("Value")
_SHORTEST_PART = 3


class Hit(NamedTuple, Generic[Value]):
    """Words `start` to `end` (exclusive) of a text carry a value."""

    start: int
    end: int
    value: Value


class Lexicon(Generic[Value]):
    """Finds the longest known phrases of a sequence of folded words, from left to right, without overlaps.

    A single word is looked up whole; failing that by its parts, of which the one with the highest rank wins, then the
    longest.
    """

    def __init__(self, entries: Iterable[tuple[Value, str]], rank: Callable[[Value], int] = lambda _: 0) -> None:
        self._phrases: dict[tuple[str, ...], Value] = {}
        self._starts: dict[str, Value] = {}
        self._ends: dict[str, Value] = {}
        self._inner: dict[str, Value] = {}
        self._rank = rank
        for value, text in entries:
            for entry in text.split():
                self._add(entry, value)
        self._longest = max((len(phrase) for phrase in self._phrases), default=1)
        self._openers = {phrase[0] for phrase in self._phrases if len(phrase) > 1}
        self.word_value: Callable[[str], Value | None] = lru_cache(maxsize=SHARED)(self._word_value)

    @property
    def vocabulary(self) -> set[str]:
        """Every whole word that the lexicon knows, those of phrases included."""
        return {word for phrase in self._phrases for word in phrase}

    def find(self, words: Sequence[str]) -> list[Hit[Value]]:
        """The values of a sequence of words, in its order."""
        hits: list[Hit[Value]] = []
        at = 0
        while at < len(words):
            hit = self._longest_at(words, at)
            if hit is not None:
                hits.append(hit)
            at = hit.end if hit is not None else at + 1
        return hits

    def _longest_at(self, words: Sequence[str], at: int) -> Hit[Value] | None:
        if words[at] in self._openers:
            for length in range(min(self._longest, len(words) - at), 1, -1):
                value = self._phrases.get(tuple(words[at : at + length]))
                if value is not None:
                    return Hit(at, at + length, value)
        value = self.word_value(words[at])
        return None if value is None else Hit(at, at + 1, value)

    def _word_value(self, word: str) -> Value | None:
        whole = self._phrases.get((word,))
        if whole is not None:
            return whole
        found: list[tuple[int, int, Value]] = []
        for length in range(_SHORTEST_PART, len(word) + 1):
            parts = (self._starts.get(word[:length]), self._ends.get(word[-length:]))
            found += [(self._rank(value), length, value) for value in parts if value is not None]
        found += [(self._rank(value), len(part), value) for part, value in self._inner.items() if part in word]
        return max(found, key=lambda item: item[:2])[2] if found else None

    def _add(self, entry: str, value: Value) -> None:
        if "*" not in entry:
            for phrase in product(*(slot.split("|") for slot in entry.split("_"))):
                self._phrases.setdefault(phrase, value)
            return
        part = entry.strip("*")
        if not part.isalpha():
            raise ValueError(f"word part {entry!r}: a star goes with a single word")
        if entry.startswith("*") and entry.endswith("*"):
            self._inner.setdefault(part, value)
        elif entry.startswith("*"):
            self._ends.setdefault(part, value)
        else:
            self._starts.setdefault(part, value)
