"""How a score came about, and companies, as `leadgrade explain` prints them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sync.admin.cli.output import print_facts, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.admin.actions.explain_company import CompanyExplanation, CompanyRecord

_HISTORY = ("day", "total", "grade", "rating", "qualified", "changed_by")
_MONTHS = ("day", "total", "grade")


def print_history(changes: Sequence[Mapping[str, Any]], months: Sequence[Mapping[str, Any]]) -> None:
    """Changes with their causes, the oldest first; then the months."""
    print_table(
        [*(name.replace("_", " ") for name in _HISTORY), "model"],
        [[*(each[name] for name in _HISTORY), each["version"][:12]] for each in changes],
        title="History",
    )
    if months:
        print()
        print_table(_MONTHS, [[each[name] for name in _MONTHS] for each in months], title="Month by month")


def company_as_json(found: CompanyExplanation) -> dict[str, Any]:
    """A company's explanation with stable keys."""
    return asdict(found)


def print_company(found: CompanyExplanation) -> None:
    """The score, the people that it is made of, the records that carry it."""
    print_facts(
        {
            "company": str(found.company_no),
            "domain": found.domain,
            "score": found.score if found.roll_up else "none: no model has a section companies",
            "made by": found.roll_up,
            "day": found.day,
            "people": found.people,
            "qualified": found.qualified,
            "rise": found.rise,
            "covered": ", ".join(found.covered),
            "not covered": ", ".join(found.uncovered),
        }
    )
    print()
    print_table(
        ("person", "total", "grade", "qualified", "role", "weight", "counts"),
        [
            (str(each.person_no), each.total, each.grade, each.qualified, each.role, each.weight, each.counts)
            for each in found.members
        ],
    )
    print()
    print_table(
        ("record", "holds", "score", "people", "remark"), [_record(each) for each in found.records], title="Records"
    )


def _record(each: CompanyRecord) -> tuple[object, ...]:
    holds = "seen there" if each.observed else "sent" if each.sent else "nothing of ours"
    values = each.observed or each.sent or {}
    remark = f"not written: {each.reason}" if each.reason else f"refused: {each.refusal}" if each.refusal else ""
    remark = remark or ("will be written" if each.due else "")
    name = f"{each.connection}:{each.object}:{each.record_id}"
    return name, holds, values.get("company_score"), values.get("company_people"), remark
