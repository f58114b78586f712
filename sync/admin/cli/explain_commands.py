"""`leadgrade explain`: why somebody has this score."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.days import DayOption
from sync.admin.cli.opening import opened_app
from sync.admin.cli.output import print_facts, print_json, print_table

if TYPE_CHECKING:
    from sync.admin.actions.explain import Explanation, RecordView

commands = CommandLine()

_SHOWN = ("score", "grade", "rating", "qualified", "disqualified", "scored_at")


@commands.command("explain")
def explain_command(
    ctx: typer.Context,
    who: Annotated[str, typer.Argument(metavar="EMAIL|CONNECTION:OBJECT:ID", help="The person.", show_default=False)],
    *,
    day: DayOption = None,
    json: JsonOption = False,
) -> None:
    """Take a person's score apart into lines that add up to it, with the records that carry it."""
    with opened_app(ctx) as app:
        from sync.admin.actions.explain import explain

        found = explain(app, who, day=day)
        if json:
            print_json(explanation_as_json(found))
        else:
            _print_explanation(found)


def explanation_as_json(found: Explanation) -> dict[str, Any]:
    """An explanation with stable keys; `points` of the lines add up to `total`."""
    return {
        "person_no": found.person_no,
        "day": found.day,
        "segment": found.segment,
        "in_scope": found.score["in_scope"],
        "total": found.score["total"],
        "score": {name: value for name, value in found.score.items() if name != "person_id"},
        "reasons": found.reasons,
        "lines": found.lines.to_dicts(),
        "records": [asdict(each) for each in found.records],
        "history": found.history,
    }


def _print_explanation(found: Explanation) -> None:
    score = found.score
    print_facts(
        {
            "person": str(found.person_no),
            "day": found.day,
            "model": f"{score['model']} {score['version'][:12]}",
            **({"segment": found.segment} if found.segment else {}),
            **({"score": score["total"]} if score["in_scope"] else {"score": "none: out of scope"}),
            "fit": score["fit"],
            "engagement": score["engagement"],
            "grade": score["grade"],
            "rating": score["rating"],
            "qualified": score["qualified"],
            "disqualified": score["disqualify_code"] if score["disqualified"] else None,
            "main reasons": found.reasons,
        }
    )
    print()
    if found.lines.height:
        rows: list[tuple[object, ...]] = [
            (each["part"], each["label"], _points(each["points"]), each["last_on"], each["evidence"])
            for each in found.lines.iter_rows(named=True)
        ]
        rows.append(("", "= total", _points(sum(found.lines["points"].to_list(), Decimal(0))), None, None))
        print_table(("part", "why", "points", "last on", "evidence"), rows)
        print()
    print_table(
        ("record", "holds", *_SHOWN, "remark"),
        [(*_record(each, "observed"), _remark(each)) for each in found.records if each.observed]
        + [(*_record(each, "sent"), _remark(each)) for each in found.records if not each.observed],
    )
    _print_history(found)


def _record(each: RecordView, side: str) -> tuple[object, ...]:
    """What is known to stand in the CRM: seen there, else what was sent."""
    values: dict[str, Any] = getattr(each, side) or {}
    holds = {"observed": "seen there", "sent": "sent"}[side] if values else "nothing of ours"
    return (f"{each.connection}:{each.object}:{each.record_id}", holds, *(values.get(name) for name in _SHOWN))


def _remark(each: RecordView) -> str:
    if each.reason:
        return f"not written: {each.reason}"
    if each.refusal:
        return f"refused: {each.refusal}"
    return "will be written" if each.due else ""


def _print_history(found: Explanation) -> None:
    if len(found.history) < 2:
        return
    print()
    columns = ("day", "total", "grade", "rating", "qualified", "changed_by")
    print_table(
        [name.replace("_", " ") for name in columns],
        [[each[name] for name in columns] for each in found.history[-10:]],
        title="History",
    )


def _points(points: Decimal) -> Decimal:
    """Without the zeros behind the point."""
    return points.to_integral_value() if points == points.to_integral_value() else points.normalize()
