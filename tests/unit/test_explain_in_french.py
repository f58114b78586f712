"""A French model speaks French: sentences, dates, numbers, names of attributes; labels stay the marketer's own."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from functools import cache

import pytest

from scoring.explain import explain
from scoring.explain_attributes import FRENCH_ATTRIBUTES, FRENCH_PARTS, FRENCH_VALUES
from scoring.explain_kinds import KIND_NAMES
from scoring.explain_text import breakdown, main_reasons
from scoring.explain_words import words
from scoring.model_dimensions import DecayKind
from scoring.vocabulary import (
    ACTIVITY_KINDS,
    CANONICAL_ATTRIBUTES,
    DERIVED_ATTRIBUTES,
    DERIVED_VALUES,
    ENGAGEMENT,
    FIT,
    Language,
)
from tests.engine_builders import (
    DAY,
    a_fit_rule,
    a_model,
    a_rule,
    activity_frame,
    aged,
    explained,
    people_frame,
)

FRENCH, ENGLISH = words(Language.FRENCH), words(Language.ENGLISH)
#: Written the same in both languages.
SHARED = {
    "budget",
    "contradiction",
    "conversation",
    "conversations",
    "certification",
    "certifications",
    "e",
    "en",
    "mail",
    "mails",
}
SHARED |= {"marketing", "note", "notes", "podcast", "podcasts", "points", "relation", "score", "spam"}


def a_whole_model(language: str):
    """Every kind of line and evidence there is."""
    kinds = {kind: a_rule(kind, 1, kind, cap=2, group="groupe") for kind in ACTIVITY_KINDS}
    decays = [
        a_rule("moitie", 4, "chat", decay={DecayKind.HALF_LIFE.value: "30 days"}),
        a_rule("pente", 4, "chat", decay={DecayKind.LINEAR.value: "30 days"}),
        a_rule("fin", 4, "chat", decay={DecayKind.EXPIRY.value: "30 days"}),
        a_rule("plusieurs", -2, ["chat", "search"], cap=-3),
    ]
    named = [n for n in {**CANONICAL_ATTRIBUTES, **DERIVED_ATTRIBUTES} if n not in ("country", "state", "phone")]
    rules = [a_fit_rule(f"a-{name}", 1, {name: {"present": True}}) for name in named]
    rules += [
        a_fit_rule("absence", 1, {"enriched_budget": {"missing": True}}),
        a_fit_rule("activite", 1, {"happened": {"on": "chat"}}),
    ]
    return a_model(
        language=language,
        fit={"weight": 0.5, "cap": 12, "rules": rules},
        engagement={
            "weight": 0.5,
            "cap": 30,
            "floor": 5,
            "group_caps": {"groupe": 30},
            "rules": [*kinds.values(), *decays],
            "inactivity": {"after": "1 days", "points": -2.5},
        },
        quality={
            "cap": -3,
            "completeness": {"fields": ["city", "budget"], "linear": -4},
            "rules": [a_fit_rule("q", -5, {"city": {"missing": True}})],
        },
        enrichment={
            "cap": -3,
            "discount": True,
            "unmatched": -2,
            "stale": {"after": "1 days", "points": -2},
            "low_confidence": {"below": 0.9, "points": -2},
            "conflicts": {"fields": ["employees", "industry"], "points": -1},
        },
        total={"floor": 0, "cap": 14},
        gates=[{"id": "p", "label": "Porte", "cap": 11.5, "unless": {"happened": {"on": "other", "within": "1 days"}}}],
        disqualify=[
            {"code": "a", "reason": "Raison une", "when": {"status": "dehors"}},
            {"code": "b", "reason": "Raison deux", "when": {"status": "dehors"}},
        ],
    )


BUSY = {
    "email": "x@y.example",
    "seniority": "director",
    "function": "procurement",
    "email_class": "business",
    "employees": 10,
    "enriched_employees": 1000,
    "industry": "acier",
    "enriched_industry": "bois",
    "revenue": 2.5,
    "email_opt_out": True,
    "phone_valid": False,
    "enrichment_status": "unmatched",
    "enrichment_confidence": 0.5,
    "enriched_title": "Directeur",
    "enriched_at": date(2025, 1, 1),
    "created_at": date(2025, 8, 1),
}
OUT = {**BUSY, "status": "dehors"}
SET = {"status": "dedans", "score_override": 90, "score_override_until": date(2026, 3, 1)}
ACTIVITIES = [aged(kind, age) for kind in ACTIVITY_KINDS for age in (2, 3) if kind != "other"]


@cache
def said(language: str) -> list[str]:
    model = a_whole_model(language)
    found = []
    for person, rows in ((BUSY, ACTIVITIES), (OUT, ACTIVITIES), (SET, []), ({}, [])):
        lines = explain(model, people_frame(person), activity_frame(rows), day=DAY)
        own = {rule.label for dimension in model.dimensions for rule in dimension.all_rules()} | {"q"}
        found += [line["label"] for line in lines.to_dicts() if line["label"] not in own]
        found += [line["evidence"] for line in lines.to_dicts() if line["evidence"]]
    return found


def test_no_english_word_stands_in_a_french_sentence() -> None:
    english = _words(*_texts(ENGLISH), *(name for names in KIND_NAMES.values() for name in names[:2]))
    english |= {*CANONICAL_ATTRIBUTES, *DERIVED_ATTRIBUTES, *(v for values in DERIVED_VALUES.values() for v in values)}
    french = _words(*_texts(FRENCH), *FRENCH_ATTRIBUTES.values(), *FRENCH_PARTS.values())
    french |= _words(*(name for names in KIND_NAMES.values() for name in names[2:]))
    french |= _words(*(name for values in FRENCH_VALUES.values() for name in values.values()))
    ids = set(ACTIVITY_KINDS)

    leaks = {sentence: (_words(sentence) - ids) & english - SHARED for sentence in said("fr")}

    assert french & english == SHARED
    assert {sentence: found for sentence, found in leaks.items() if found} == {}


def _words(*texts: str) -> set[str]:
    return set(re.findall(r"[a-zà-ÿ_0-9]+", " ".join(texts).lower()))


def _texts(say) -> list[str]:
    found = []
    for field in fields(say):
        content = getattr(say, field.name)
        found += content.values() if isinstance(content, dict) else [str(content)]
    return [re.sub(r"\{\w+\}", "", text) for text in found]


def test_every_attribute_value_and_part_has_a_french_name() -> None:
    assert set(FRENCH_ATTRIBUTES) == {*CANONICAL_ATTRIBUTES, *DERIVED_ATTRIBUTES}
    assert {name: tuple(values) for name, values in FRENCH_VALUES.items()} == dict(DERIVED_VALUES)
    assert {FIT, ENGAGEMENT, "quality", "enrichment", "total"} == set(FRENCH_PARTS)


@pytest.mark.parametrize(
    "sentence",
    [
        "niveau hiérarchique : direction",
        "service : achats",
        "type d'adresse e-mail : professionnelle",
        "effectif : 10",
        "chiffre d'affaires : 2,5",
        "téléphone valable : non",
        "fonction indiquée : Directeur (par enrichissement)",
        "créé : 1er août 2025",
        "budget (par enrichissement) : absent",
        "vu dans les activités",
        "Contradiction : effectif",
        "Coefficient : adéquation",
        "coefficient 0,5",
        "Maximum : engagement",
        "Minimum : qualité",
        "Minimum : enrichissement",
        "Maximum : total",
        "champs remplis : 0 sur 2",
        "Disqualifié : Raison une",
        "aussi : Raison deux",
        "fixé à la main jusqu'au 1er mars 2026",
        "arrondi au point entier",
    ],
)
def test_a_sentence_in_french(sentence: str) -> None:
    assert sentence in said("fr")


def test_the_texts_for_the_crm_are_french() -> None:
    model = a_whole_model("fr")
    lines = explain(model, people_frame(BUSY), activity_frame(ACTIVITIES), day=DAY)

    whole = breakdown(lines, language=model.language)["breakdown"][0]

    assert whole.endswith(" points")
    assert "Inactivité (dernier signe d'intérêt le 6 novembre 2025)" in whole
    assert re.search(r"\d,\d", whole)
    assert not re.search(r"\d\.\d", whole)


def test_nobody_without_lines_gets_an_english_sentence() -> None:
    model = a_model(language="fr", fit={"rules": [a_fit_rule("a", 0, {"title": {"present": True}})]})
    lines = explain(model, people_frame({"title": "x"}), activity_frame([]), day=DAY)

    assert main_reasons(lines, language=model.language)["main_reasons"].to_list() == [FRENCH.nothing]
    assert explained(model, {"title": "x"})[0]["label"] == "a"
