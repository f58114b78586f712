"""The words of generated sentences, in English and in French."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scoring.explain_attributes import FRENCH_ATTRIBUTES, FRENCH_PARTS, FRENCH_VALUES
from scoring.explain_kinds import KIND_NAMES
from scoring.vocabulary import SCALE, Language, without_enriched

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_MONTHS: Final[Mapping[Language, str]] = {
    Language.ENGLISH: "January February March April May June July August September October November December",
    Language.FRENCH: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Sentences and names in one language; places in braces are filled by the caller."""

    language: Language
    last_on: str
    on: str
    half_life: str
    linear: str
    expiry: str
    count_limit: str
    at_most: str
    at_least: str
    weight: str
    weight_label: str
    floor_label: str
    cap_label: str
    rule_cap: str
    group_cap: str
    inactivity: str
    inactive_since: str
    completeness: str
    fields_filled: str
    enrichment: Mapping[str, str]
    conflict: str
    declared_and_enriched: str
    labelled: str
    rounding: str
    rounded: str
    disqualification: str
    override: str
    override_until: str
    override_open: str
    by_enrichment: str
    by_activities: str
    missing: str
    yes: str
    no: str
    also: str
    nothing: str
    points: str
    decimal_mark: str

    def date(self, day: date) -> str:
        """A date in words."""
        first = "1er" if self.language is Language.FRENCH and day.day == 1 else str(day.day)
        return f"{first} {_MONTHS[self.language].split()[day.month - 1]} {day.year}"

    def part(self, name: str) -> str:
        """A part of the score; other dimensions have the names that the model gives them."""
        return FRENCH_PARTS.get(name, name) if self.language is Language.FRENCH else name

    def attribute(self, name: str) -> str:
        """An attribute; custom ones have the names that the model gives them."""
        if self.language is not Language.FRENCH:
            return name
        plain = without_enriched(name)
        known = FRENCH_ATTRIBUTES.get(plain, plain)
        return known if plain == name else f"{known} ({self.by_enrichment})"

    def value(self, attribute: str, text: str) -> str:
        """A value of an attribute; only those of closed lists have names of their own."""
        if self.language is not Language.FRENCH:
            return text
        return FRENCH_VALUES.get(without_enriched(attribute), {}).get(text.casefold(), text)

    def amount(self, milli_points: int) -> str:
        """Points with as many decimals as they have."""
        whole, rest = divmod(abs(milli_points), SCALE)
        decimals = f"{rest:03d}".rstrip("0")
        sign = "-" if milli_points < 0 else ""
        return f"{sign}{whole}{self.decimal_mark}{decimals}" if decimals else f"{sign}{whole}"

    def activities(self, kinds: tuple[str, ...], number: int) -> str:
        """A number of activities by their name; rules on several kinds speak of activities."""
        names = KIND_NAMES[kinds[0] if len(kinds) == 1 else "other"]
        one, several = names[:2] if self.language is Language.ENGLISH else names[2:]
        return f"{number} {one if number == 1 else several}"


_ENGLISH: Final = Words(
    language=Language.ENGLISH,
    last_on="{activities}, last on {date}",
    on="{activities} on {date}",
    half_life="halved every {days} days",
    linear="falling to nothing over {days} days",
    expiry="counted for {days} days",
    count_limit="at most {count} in {days} days",
    at_most="at most {points} points",
    at_least="at least {points} points",
    weight="weighs {weight}",
    weight_label="Weight of {name}",
    floor_label="Lowest for {name}",
    cap_label="Highest for {name}",
    rule_cap="Highest for this rule: {label}",
    group_cap="Highest for the group {name}",
    inactivity="Inactivity",
    inactive_since="last sign of interest on {date}",
    completeness="Incomplete record",
    fields_filled="{filled} of {fields} fields filled",
    enrichment={
        "unmatched": "No match in enrichment",
        "stale": "Old enrichment",
        "low_confidence": "Uncertain enrichment",
    },
    conflict="Contradiction: {name}",
    declared_and_enriched="declared {declared}, enriched {enriched}",
    labelled="{name}: ",
    rounding="Rounding",
    rounded="rounded to whole points",
    disqualification="Disqualified: {reason}",
    override="Score set by hand",
    override_until="set by hand until {date}",
    override_open="set by hand",
    by_enrichment="from enrichment",
    by_activities="seen in the activities",
    missing="missing",
    yes="yes",
    no="no",
    also="also: {reasons}",
    nothing="Nothing counts for or against this person yet.",
    points="points",
    decimal_mark=".",
)
_FRENCH: Final = Words(
    language=Language.FRENCH,
    last_on="{activities}, dernière activité le {date}",
    on="{activities} le {date}",
    half_life="moitié tous les {days} jours",
    linear="décroît jusqu'à zéro en {days} jours",
    expiry="compte pendant {days} jours",
    count_limit="au plus {count} en {days} jours",
    at_most="au plus {points} points",
    at_least="au moins {points} points",
    weight="coefficient {weight}",
    weight_label="Coefficient : {name}",
    floor_label="Minimum : {name}",
    cap_label="Maximum : {name}",
    rule_cap="Maximum de cette règle : {label}",
    group_cap="Maximum du groupe {name}",
    inactivity="Inactivité",
    inactive_since="dernier signe d'intérêt le {date}",
    completeness="Fiche incomplète",
    fields_filled="champs remplis : {filled} sur {fields}",
    enrichment={
        "unmatched": "Introuvable à l'enrichissement",
        "stale": "Enrichissement ancien",
        "low_confidence": "Enrichissement incertain",
    },
    conflict="Contradiction : {name}",
    declared_and_enriched="déclaré {declared}, enrichi {enriched}",
    labelled="{name} : ",
    rounding="Arrondi",
    rounded="arrondi au point entier",
    disqualification="Disqualifié : {reason}",
    override="Score fixé à la main",
    override_until="fixé à la main jusqu'au {date}",
    override_open="fixé à la main",
    by_enrichment="par enrichissement",
    by_activities="vu dans les activités",
    missing="absent",
    yes="oui",
    no="non",
    also="aussi : {reasons}",
    nothing="Rien ne compte encore pour ou contre cette personne.",
    points="points",
    decimal_mark=",",
)


def words(language: Language) -> Words:
    """The words of a language."""
    return _FRENCH if language is Language.FRENCH else _ENGLISH
