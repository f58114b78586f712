"""The fields that Leadgrade writes, vendor-neutral: one table for provisioning, checks, clearing and the docs."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.port import OutputType


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
    #: True: a change of it causes a write. False: it travels with one.
    trigger: bool = False


_GRADES = tuple(f"{letter}{number}" for letter in "ABCD" for number in "1234")

OUTPUTS: tuple[OutputField, ...] = (
    OutputField(name="score", type=OutputType.NUMBER, label="Leadgrade Score", help="Total score.", trigger=True),
    OutputField(name="fit", type=OutputType.NUMBER, label="Leadgrade Fit", help="Who the person is."),
    OutputField(name="engagement", type=OutputType.NUMBER, label="Leadgrade Engagement", help="What the person did."),
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
        help="Points off for poor data quality.",
    ),
    OutputField(
        name="completeness",
        type=OutputType.NUMBER,
        label="Leadgrade Completeness",
        length=3,
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
)

BY_NAME: dict[str, OutputField] = {output.name: output for output in OUTPUTS}
