from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import pytest

from scoring.attributes import FUNCTIONS, SENIORITIES, classify_title
from scoring.attributes.lexicon import Lexicon
from scoring.attributes.title_functions import FUNCTION_WORDS
from scoring.attributes.title_levels import LEVEL_WORDS

HERE = Path(__file__).parent
LANGUAGES = ("en", "de", "fr", "es", "pt")


def labelled(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shares(samples: list[dict[str, str]]) -> dict[tuple[str, str], float]:
    """Per cent classified right, by language and aspect."""
    total: Counter[str] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        title = classify_title(sample["title"])
        total[sample["language"]] += 1
        right[sample["language"], "seniority"] += title.seniority == sample["seniority"]
        right[sample["language"], "function"] += title.function == sample["function"]
    return {(language, aspect): 100 * count / total[language] for (language, aspect), count in right.items()}


def report(heading: str, samples: list[dict[str, str]]) -> None:
    total, found = Counter(sample["language"] for sample in samples), shares(samples)
    lines = [heading]
    for language in LANGUAGES:
        figures = ", ".join(f"{aspect} {found[language, aspect]:.1f} %" for aspect in ("seniority", "function"))
        lines.append(f"  {language}: {total[language]} titles, {figures}")
    sys.stdout.write("\n".join(["", *lines, ""]))


def test_the_labelled_titles_are_many_distinct_and_of_the_closed_sets():
    samples = [*labelled("title_samples.csv"), *labelled("title_samples_unseen.csv")]
    counts = Counter(sample["language"] for sample in samples)

    assert len({(sample["language"], sample["title"]) for sample in samples}) == len(samples)
    assert set(counts) == set(LANGUAGES)
    assert min(counts.values()) >= 150
    assert {sample["seniority"] for sample in samples} == set(SENIORITIES)
    assert {sample["function"] for sample in samples} == set(FUNCTIONS)


def test_at_least_95_percent_of_the_labelled_titles_are_classified_right_in_each_language():
    samples = labelled("title_samples.csv")

    report("Titles that the word lists were written with:", samples)

    assert min(shares(samples).values()) >= 95


def test_titles_that_no_word_was_chosen_for_are_classified_nearly_as_well():
    # These were written and labelled after the word lists; a word must never be added because of one of them.
    samples = labelled("title_samples_unseen.csv")
    right = sum(
        (title.seniority == sample["seniority"]) + (title.function == sample["function"])
        for sample in samples
        for title in [classify_title(sample["title"])]
    )

    report("Titles that no word was chosen for:", samples)

    assert right / (2 * len(samples)) >= 0.95
    assert min(shares(samples).values()) >= 85


@pytest.mark.parametrize(
    ("title", "seniority", "function"),
    [
        ("Assistant to the CEO", "individual", "other"),
        ("Executive Assistant to CEO & CFO", "individual", "other"),
        ("CEO Assistant", "individual", "other"),
        ("Assistant Director", "director", "executive"),
        ("Assistant Director of Human Resources", "director", "hr"),
        ("Assistant Vice President", "vp", "executive"),
        ("Assistant / Office Manager", "manager", "operations"),
        ("President", "c_level", "executive"),
        ("Vice President", "vp", "executive"),
        ("Vice President & Chief Engineer", "vp", "engineering"),
        ("Chief of Staff", "director", "executive"),
        ("Directeur adjoint", "director", "executive"),
        ("Referent der Geschäftsführung", "individual", "unknown"),
        ("Mitglied der Geschäftsführung", "c_level", "executive"),
        ("Product Owner", "individual", "marketing"),
        ("Business Owner", "c_level", "executive"),
        ("HR Business Partner", "individual", "hr"),
        ("Tax Partner", "c_level", "finance"),
        ("Partner", "c_level", "executive"),
        ("Lead Generation Manager", "manager", "marketing"),
        ("Team Lead", "lead", "unknown"),
        ("Former CEO", "unknown", "unknown"),
        ("Retired CFO", "unknown", "unknown"),
        ("CEO at Sales Company", "c_level", "executive"),
        ("Auditora interna", "individual", "finance"),
        ("Student Advisor", "individual", "other"),
        ("Responsable alternance", "manager", "unknown"),
        ("Chargé de recrutement en alternance", "intern", "hr"),
    ],
)
def test_borderline_titles_fall_as_documented(title, seniority, function):
    assert classify_title(title) == (seniority, function)


@pytest.mark.parametrize(
    "titles",
    [
        ("Project Manager", "Chef de projet", "Projektleiter", "Jefe de proyecto", "Gerente de projetos"),
        ("Head of Sales", "Vertriebsleiter", "Directeur commercial", "Director Comercial", "Diretor Comercial"),
        ("Owner", "Inhaber", "Propriétaire", "Dueño", "Proprietário"),
        ("Purchasing Manager", "Responsable achats", "Abteilungsleiter Einkauf", "Jefe de compras", "Gerente de compras"),
        ("Vice President of Marketing", "Vizepräsident Marketing", "Vice-présidente marketing", "Vicepresidenta de marketing", "VP de Marketing"),
        ("Accountant", "Buchhalter", "Comptable", "Contable", "Contabilista"),
        ("Intern", "Praktikant", "Stagiaire", "Becario", "Estagiário"),
    ],
)  # fmt: skip
def test_a_title_means_the_same_in_every_language(titles):
    assert len({classify_title(title) for title in titles}) == 1


@pytest.mark.parametrize(
    ("plain", "variants"),
    [
        ("Geschäftsführer", ("GESCHÄFTSFÜHRER", "Geschaeftsfuehrer", "Geschäftsführerin", "Geschäftsführer:in", "Geschäftsführer (m/w/d)", "geschäftsführer/in")),
        ("Directeur commercial", ("Directrice commerciale", "directeur(trice) commercial(e)", "Dir. commercial", "DIRECTEUR  COMMERCIAL ", "Directeur Commercial H/F")),
        ("Vice President Sales", ("VP Sales", "V.P. Sales", "Vice-President, Sales", "vice president - sales", "Vice Presdent Sales")),
        ("Vendedor", ("Vendedora", "Vendedor/a", "Vendedor(a)", "VENDEDOR")),
        ("Coordenador de TI", ("Coordenadora de TI", "Coord. de TI", "Coordenador(a) de T.I.")),
    ],
)  # fmt: skip
def test_gender_case_abbreviation_and_one_slip_change_nothing(plain, variants):
    assert {classify_title(variant) for variant in variants} == {classify_title(plain)}


@pytest.mark.parametrize("title", ["", "   ", "-", "???", "n/a", "🙂", "x" * 5000, "/ & ,", "of the", "(m/w/d)"])
def test_a_title_that_says_nothing_is_unknown(title):
    assert classify_title(title) == ("unknown", "unknown")


def test_no_word_is_listed_for_two_seniorities():
    seen: dict[str, str] = {}
    for tag, text in LEVEL_WORDS.items():
        for entry in text.split():
            assert seen.setdefault(entry, tag) == tag, entry


def test_functions_of_the_word_list_are_those_of_the_closed_set():
    assert {function for _, function, _ in FUNCTION_WORDS} == set(FUNCTIONS)


def test_a_lexicon_prefers_phrases_whole_words_and_long_parts():
    lexicon = Lexicon[str](
        [("phrase", "red|blue_car"), ("word", "car"), ("part", "*car* *car"), ("long", "*racecar"), ("start", "carp*")]
    )

    assert [hit.value for hit in lexicon.find(["blue", "car", "car", "oldcar", "nextracecar", "carpet", "bus"])] == [
        "phrase", "word", "part", "long", "start",
    ]  # fmt: skip


def test_a_star_in_a_phrase_is_refused():
    with pytest.raises(ValueError, match="single word"):
        Lexicon[str]([("any", "red_car*")])
