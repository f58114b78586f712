"""`leadgrade explain`: why somebody, or a company, has this score, and how it came about."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.days import DayOption
from sync.admin.cli.explain_output import company_as_json, print_company, print_history
from sync.admin.cli.opening import opened_app
from sync.admin.cli.output import print_facts, print_json, print_table

if TYPE_CHECKING:
    from sync.admin.actions.explain import Explanation, RecordView

commands = CommandLine()

_SHOWN = ("score", "grade", "rating", "qualified", "disqualified", "scored_at")


@commands.command("explain")
def explain_command(
    ctx: typer.Context,
    who: Annotated[
        str,
        typer.Argument(
            metavar="EMAIL|CONNECTION:OBJECT:ID|DOMAIN",
            help="The person; a domain, or the ID of an account, means the company.",
            show_default=False,
        ),
    ],
    *,
    day: DayOption = None,
    history: Annotated[
        bool,
        typer.Option("--history", help="Only how the score came about: each change with its cause, and the months."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Take a score apart into lines that add up to it, with the records that carry it.

    With --day: as of that day, from what was known then and by the model of then.
    """
    with opened_app(ctx) as app:
        from sync.admin.actions.explain import explain, score_history
        from sync.admin.actions.explain_company import explain_company, names_company

        if names_company(app, who):
            if day is not None or history:
                message = "of a company only the present score is kept: leave out --day and --history"
                raise typer.BadParameter(message)
            company = explain_company(app, who)
            print_json(company_as_json(company)) if json else print_company(company)
        elif history:
            told = score_history(app, who)
            print_json(asdict(told)) if json else print_history(told.changes, told.months)
        else:
            found = explain(app, who, day=day)
            print_json(explanation_as_json(found)) if json else _print_explanation(found)


def explanation_as_json(found: Explanation) -> dict[str, Any]:
    """An explanation with stable keys; `points` of the lines add up to `total`."""
    past = found.past
    return {
        "person_no": found.person_no,
        "day": found.day,
        "as_of": past.as_of if past else None,
        "unknown": list(past.unknown) if past else [],
        "written_then": past.written if past else None,
        "segment": found.segment,
        "in_scope": found.score["in_scope"],
        "total": found.score["total"],
        "score": {name: value for name, value in found.score.items() if name != "person_id"},
        "reasons": found.reasons,
        "lines": found.lines.to_dicts(),
        "waterfall": [asdict(each) for each in found.waterfall],
        "records": [asdict(each) for each in found.records],
        "history": found.history,
        "months": found.months,
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
            **_past(found),
        }
    )
    for sentence in found.past.unknown if found.past else ():
        print(f"Not known: {sentence}")
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
        title="Today" if found.past else None,
    )
    if len(found.history) > 1:
        print()
        print_history(found.history[-10:], ())


def _past(found: Explanation) -> dict[str, object]:
    """What an explanation of a past day rests on, and what was written then."""
    if found.past is None:
        return {}
    facts: dict[str, object] = {"as known on": f"{found.past.as_of:%Y-%m-%d %H:%M} UTC"}
    written = found.past.written
    if written is not None:
        facts["written then"] = f"{written['total']}, by {written['version'][:12]}, because of {written['changed_by']}"
        if found.past.differs(found.score["total"]):
            facts["differs"] = "what was written then is not what is computed now from what is still known of that day"
    return facts


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


def _points(points: Decimal) -> Decimal:
    """Without the zeros behind the point."""
    return points.to_integral_value() if points == points.to_integral_value() else points.normalize()
