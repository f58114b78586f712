"""The fields that Leadgrade writes, vendor-neutral: one table for provisioning, checks, clearing and the docs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from connectors.port import OutputType

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputField:
    """One output: its name in field maps, its type in the CRM and the words that people see there."""

    name: str
    type: OutputType
    label: str
    help: str
    #: Characters of text, or digits of numbers.
    length: int = 18
    choices: tuple[str, ...] = ()
    #: True: any change of it is written at once. False: it travels with a write.
    trigger: bool = False
    #: A number that is written when it moves by more than the deadband.
    banded: bool = False
    #: True: of a company, hence for accounts. False: of a person, hence for contacts.
    company: bool = False


#: Salesforce takes labels of 40 characters.
_LABEL: Final = 40
_GRADES = tuple(f"{letter}{number}" for letter in "ABCD" for number in "1234")

OUTPUTS: tuple[OutputField, ...] = (
    OutputField(name="score", type=OutputType.NUMBER, label="Leadgrade Score", help="Total score.", banded=True),
    OutputField(name="fit", type=OutputType.NUMBER, label="Leadgrade Fit", help="Who the person is.", banded=True),
    OutputField(
        name="engagement",
        type=OutputType.NUMBER,
        label="Leadgrade Engagement",
        help="What the person did.",
        banded=True,
    ),
    OutputField(
        name="grade",
        type=OutputType.CHOICE,
        label="Leadgrade Grade",
        choices=_GRADES,
        trigger=True,
        help="Letter: fit, A is best. Number: engagement, 1 is best.",
    ),
    OutputField(
        name="rating",
        type=OutputType.CHOICE,
        label="Leadgrade Rating",
        choices=("hot", "warm", "cold", "disqualified"),
        trigger=True,
        help="Hot, warm or cold by grade or score.",
    ),
    OutputField(
        name="stars", type=OutputType.NUMBER, label="Leadgrade Stars", help="0 to 5, from the score.", length=1
    ),
    OutputField(
        name="qualified",
        type=OutputType.CHECKBOX,
        label="Leadgrade Qualified",
        trigger=True,
        help="Over the line that marketing and sales agreed on.",
    ),
    OutputField(
        name="quality",
        type=OutputType.NUMBER,
        label="Leadgrade Quality Penalty",
        banded=True,
        help="Points off for poor data quality.",
    ),
    OutputField(
        name="completeness",
        type=OutputType.NUMBER,
        label="Leadgrade Completeness",
        length=3,
        banded=True,
        help="Percentage of key fields filled on this record.",
    ),
    OutputField(
        name="disqualified",
        type=OutputType.CHECKBOX,
        label="Leadgrade Disqualified",
        trigger=True,
        help="Ruled out; see the reason.",
    ),
    OutputField(
        name="disqualify_reason",
        type=OutputType.TEXT,
        label="Leadgrade Disqualification Reason",
        length=255,
        trigger=True,
        help="Why the person is ruled out.",
    ),
    OutputField(
        name="reasons", type=OutputType.TEXT, label="Leadgrade Main Reasons", length=255, help="What counted most."
    ),
    OutputField(
        name="breakdown",
        type=OutputType.LONG_TEXT,
        label="Leadgrade Breakdown",
        length=32000,
        help="Every line of the score; they add up.",
    ),
    OutputField(
        name="changed_by",
        type=OutputType.CHOICE,
        label="Leadgrade Changed By",
        help="What moved the score last.",
        choices=("activity", "profile", "decay", "model", "override"),
    ),
    OutputField(
        name="model_version", type=OutputType.TEXT, label="Leadgrade Model Version", length=64, help="Which model."
    ),
    OutputField(
        name="scored_at", type=OutputType.DATE_TIME, label="Leadgrade Scored At", help="When the score was computed."
    ),
    # What follows is written only where a field map names it.
    OutputField(
        name="recent",
        type=OutputType.NUMBER,
        label="Leadgrade Recent Engagement",
        help="Engagement from recent activities alone.",
    ),
    OutputField(
        name="active_share",
        type=OutputType.NUMBER,
        label="Leadgrade Active Share",
        length=3,
        help="Percentage of engagement that shows an active buyer.",
    ),
    OutputField(
        name="trend",
        type=OutputType.NUMBER,
        label="Leadgrade Trend",
        help="Points gained or lost over the model's trend period.",
    ),
    OutputField(
        name="attention",
        type=OutputType.TEXT,
        label="Leadgrade Attention",
        length=255,
        trigger=True,
        help="A decisive act that deserves a look now.",
    ),
    OutputField(
        name="enrichment",
        type=OutputType.NUMBER,
        label="Leadgrade Enrichment Penalty",
        banded=True,
        help="Points off for missing, old or doubtful enrichment.",
    ),
    OutputField(
        name="company_score",
        type=OutputType.NUMBER,
        label="Leadgrade Company Score",
        banded=True,
        company=True,
        help="The scores of the company's people, rolled up.",
    ),
    OutputField(
        name="company_people",
        type=OutputType.NUMBER,
        label="Leadgrade Scored People",
        company=True,
        help="How many people the company score rests on.",
    ),
    OutputField(
        name="company_qualified",
        type=OutputType.NUMBER,
        label="Leadgrade Qualified People",
        trigger=True,
        company=True,
        help="How many of them are qualified.",
    ),
    OutputField(
        name="company_roles",
        type=OutputType.TEXT,
        label="Leadgrade Covered Roles",
        length=255,
        company=True,
        help="Roles of the buying group that somebody there covers.",
    ),
    OutputField(
        name="company_rise",
        type=OutputType.NUMBER,
        label="Leadgrade Company Rise",
        company=True,
        help="Points the company gained or lost over the model's trend period.",
    ),
)

#: Outputs that a model brings along, by the beginning of their names: one for each of its products and other dimensions.
MODEL_OUTPUTS: Final = {"product_": "Product", "dimension_": "Dimension"}

_BY_NAME: Final = {output.name: output for output in OUTPUTS}
_ORDER: Final = {name: place for place, name in enumerate(_BY_NAME)}
_MODEL_NAME: Final = re.compile(rf"({'|'.join(MODEL_OUTPUTS)})([A-Za-z0-9][A-Za-z0-9_.-]{{0,63}})")


@cache
def output_of(name: str) -> OutputField | None:
    """The output of that name; None if there is none. `product_NAME` and `dimension_NAME` are numbers of the model's."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    found = _MODEL_NAME.fullmatch(name)
    if found is None:
        return None
    kind, words = MODEL_OUTPUTS[found[1]], re.sub("[_.-]+", " ", found[2]).strip()
    return OutputField(
        name=name,
        type=OutputType.NUMBER,
        label=f"Leadgrade {kind} {words.title()}"[:_LABEL].rstrip(),
        help=f"Score of the {kind.lower()} {words}.",
        banded=True,
    )


def in_order(names: Iterable[str]) -> list[str]:
    """Names of outputs in the order of the table; those that a model brings along stand at the end."""
    return sorted(names, key=lambda name: (_ORDER.get(name, len(_ORDER)), name))
