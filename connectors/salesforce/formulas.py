"""Fields that Salesforce computes from ours: stars as people read them, from the number that is written. Never written."""

from __future__ import annotations

from typing import Any, Final

_MOST: Final = 5
_FULL, _EMPTY = "★" * _MOST, "☆" * _MOST


def star_formula(number: str) -> str:
    """★★★☆☆ from a number field; nothing where there is no score yet."""
    return f'IF(ISBLANK({number}), "", LEFT("{_FULL}", {number}) & LEFT("{_EMPTY}", {_MOST} - {number}))'


def star_metadata(number: str) -> dict[str, Any]:
    """The formula field as the Tooling API wants it."""
    return {
        "label": "Leadgrade Star Rating",
        "description": f"Shows {number} as stars. Computed by Salesforce.",
        "inlineHelpText": "0 to 5 stars, from the score.",
        "required": False,
        "type": "Text",
        "formula": star_formula(number),
        "formulaTreatBlanksAs": "BlankAsBlank",
    }


def click_stars(name: str, field: str, number: str) -> str:
    """How an admin makes the field by hand."""
    return (
        f"Setup > Object Manager > {name} > Fields & Relationships > New: Formula, label Leadgrade Star Rating, "
        f"field name {field.removesuffix('__c')}, return type Text, treat blank fields as blanks, formula: {star_formula(number)}"
    )
