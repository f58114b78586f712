"""A job title cut into words: gender marks, employers, dotted abbreviations and little words are dealt with here.

Says which word follows a preposition ("assistant *to* the CEO") and which part of an enumeration it stands in.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from scoring.attributes.text import fold, word_set

#: What is written in several words, or with signs that would separate, becomes one word.
_JOINED: Final = [
    (re.compile(pattern), f" {word} ")
    for pattern, word in (
        (r"\br ?(?:&|et|und|and) ?d\b|\b[ip] ?(?:\+|&|e) ?d(?: ?\+ ?i)?\b|\bf ?& ?e\b", "rnd"),
        (r"\bresearch (?:&|and) development\b|\brecherche (?:&|et) developpement\b", "rnd"),
        (
            r"\bforschung (?:&|und) entwicklung\b|\b(?:investigacion|pesquisa) (?:&|y|e) (?:desarrollo|desenvolvimento)\b",
            "rnd",
        ),
        (r"\bfp ?& ?a\b", "fpna"),
        (r"\bm ?& ?a\b|\bmergers (?:&|and) acquisitions\b", "mna"),
        (r"\bl ?& ?d\b|\blearning (?:&|and) development\b", "lnd"),
        (r"\be-? ?commerce\b", "ecommerce"),
        (r"\bc-? ?level\b|\bc-? ?suite\b", "cxo"),
        (r"\bon-? ?site\b", ""),
    )
]
_DOTTED = re.compile(r"(?<!\w)(?:[a-z]\.){1,5}[a-z]\b\.?")
_GENDER_NOTE = re.compile(r"\(?(?<![a-z])(?:[mwfdhx] ?[/|] ?){1,3}[mwfdhxi*](?![a-z])\)?|\(all genders?\)")
_GENDER_ENDING = re.compile(
    r"(?<=\w)(?:[:*_·•]-?in(?:nen)?\b|/-?in(?:nen)?\b|\(in(?:nen)?\)"
    r"|\((?:e|es|a|as|o|ne|le|te|ora|ra|trice|rice|euse|iere|ere|se|fe)\)|[·•.]e(?:\.?s)?\b|-e\b"
    r"|/(?:a|as|o|e|ra|ora|ne|trice|euse|iere)\b)"
)
_EMPLOYER = re.compile(r"(?<=\w) (?:at|bei|chez|@) .*$")
_TOKEN = re.compile(r"[^\W_]+|[&/,;|()+–—•·:]|(?<= )-(?= )")

_CONJUNCTIONS: Final = frozenset(("&", "+", "and", "und", "et", "y", "e", "sowie", "or", "ou", "oder"))
_LINKS: Final = word_set("""
    to of for de du des del da do das dos der d vom zum zur an aupres beim al para pour fur
""")
_FILLERS: Final = word_set("""
    the a le la les l el los las die dem den our in im en em au aux na no s pelo pela mit with avec con com von by
    on sur qu as
""")


class Word(NamedTuple):
    """A content word of a title."""

    text: str
    #: Which part of the enumeration, counted from 0.
    segment: int
    #: A preposition that can tie it to a person stands right before it.
    linked: bool
    #: A way of working is announced: "en alternance".
    within: bool


def tokenize(title: str) -> tuple[list[Word], frozenset[int]]:
    """The content words of a title, and the segments that a conjunction joins to the one before."""
    text = fold(title)
    text = _EMPLOYER.sub("", text)
    for pattern, word in _JOINED:
        text = pattern.sub(word, text)
    text = _DOTTED.sub(lambda found: found.group().replace(".", "") + " ", text)
    text = _GENDER_ENDING.sub("", _GENDER_NOTE.sub(" ", text))

    found: list[Word] = []
    joined: set[int] = set()
    segment = 0
    fresh = linked = within = False
    for token in _TOKEN.findall(text):
        if token in _CONJUNCTIONS or not token.isalnum():
            if found and not fresh:
                segment, fresh = segment + 1, True
            if token in _CONJUNCTIONS and found:
                joined.add(segment)
            linked = within = False
        elif token in _LINKS:
            linked = True
        elif token in _FILLERS:
            within = token in {"en", "in", "im", "em"}
        else:
            found.append(Word(token, segment, linked, within))
            fresh = linked = within = False
    return found, frozenset(joined)
