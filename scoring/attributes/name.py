"""Marks of names that were not meant seriously: digits, keyboard runs, placeholders, repeated letters.

Judges a first and a last name; says nothing about whether a name is real.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from scoring.attributes.remembered import OWN
from scoring.attributes.text import fold, word_set

_PLACEHOLDERS: Final = word_set(
    """
    test; tests; tester; testing; teste; prueba; essai; demo; dummy; fake; foo; bar; foobar; asdf; qwer; qwerty;
    qwertz; azerty; qsdf; yxcv; zxcv; wxcv; fdsa; rewq; lkjh; blah; blabla; bla; abc; abcd; abcde; xyz; xx; xy;
    none; null; nil; undefined; n/a; #n/a; unknown; unbekannt; inconnu; inconnue; desconocido; desconocida;
    desconhecido; desconhecida; not provided; [not provided]; not given; no name; noname; nobody; anonymous; anonym;
    anonyme; anonimo; firstname; first name; lastname; last name; surname; vorname; nachname; prenom; nom; nombre;
    apellido; nome; sobrenome; apelido; max mustermann; mustermann; musterfrau; tbd; tba; keine; keine angabe; k.a.;
    k. a.; aucun; ninguno; nenhum; lead; contact; kontakt; contacto; contato; customer; kunde; client; cliente;
    admin; administrator; user; username; name; sample; example; beispiel; exemple; ejemplo; exemplo; spam; delete;
    do not use; duplicate
""",
    between=";",
)
#: Rows of QWERTY, QWERTZ and AZERTY keyboards with the shortest run that counts. Runs of the upper row spell names
#: (Wert, Azer, Trew), hence the longer minimum there.
_ROWS: Final = (
    ("asdfghjkl", 3),
    ("qsdfghjklm", 3),
    ("zxcvbnm", 3),
    ("yxcvbnm", 3),
    ("wxcvbn", 3),
    ("qwertyuiop", 5),
    ("qwertzuiop", 5),
)
_ROMAN: Final = re.compile(r"^(?:i{1,3}|iv|vi{0,3}|ix|x)$")
_VOWEL: Final = re.compile(r"[aeiouyw]")
_LATIN: Final = re.compile(r"^[a-z]+$")
_REPEATED: Final = re.compile(r"(.)\1{3,}")
_SYLLABLES: Final = re.compile(r"^(.{2,3})\1{2,}$")
_LINK: Final = re.compile(r"@|https?:|www\.|\.(?:com|net|org|ru|info|xyz)\b|[<>{}\\]")
_LONGEST: Final = 60


def has_digits(*names: str | None) -> bool:
    """Whether a digit stands in one of the names."""
    return any(letter.isdigit() for name in names if name for letter in name)


def is_noise(*names: str | None) -> bool:
    """Whether one of the names is keyboard noise, a placeholder, an address, or has no letter at all."""
    return any(_is_noise(name) for name in names if name)


@lru_cache(maxsize=OWN)
def _is_noise(name: str) -> bool:
    text = fold(name)
    if text in _PLACEHOLDERS or len(text) > _LONGEST or _LINK.search(text):
        return True
    if not any(letter.isalpha() for letter in text):
        return True
    tokens = re.findall(r"[^\W\d_]+", text)
    return (
        _REPEATED.search(text) is not None or any(map(_is_random, tokens)) or set(tokens) <= {"test", "teste", "asdf"}
    )


def _is_random(token: str) -> bool:
    if not _LATIN.match(token) or _ROMAN.match(token):
        return False
    if len(token) >= 3 and len(set(token)) == 1:
        return True
    if _SYLLABLES.match(token):
        return True
    if len(token) >= 5 and not _VOWEL.search(token):
        return True
    return len(token) >= 4 and any(_is_typed_along(token, row, run) for row, run in _ROWS)


def _is_typed_along(token: str, row: str, run: int) -> bool:
    """Whether the token is made of runs of neighbouring keys, left to right or right to left, each of at least `run`."""
    at = 0
    while at < len(token):
        length = max(_run(token[at:], row), _run(token[at:], row[::-1]) if run < 5 else 0)
        if length < run:
            return False
        at += length
    return True


def _run(token: str, row: str) -> int:
    start = row.find(token[0])
    if start < 0:
        return 0
    length = 0
    while length < len(token) and start + length < len(row) and token[length] == row[start + length]:
        length += 1
    return length
