"""What a run did, as tables or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sync.admin.cli.output import print_facts, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.admin.actions.preview import WouldWrite
    from sync.jobs.issues import Issue
    from sync.jobs.report import ConnectionReport, RunReport

_PULLED = ("pulled", "new", "changed", "deleted", "quarantined")
_DELIVERED = {"written": "accepted", "rejected": "rejected", "deferred": "deferred", "gone": "gone"}


def report_as_json(report: RunReport) -> dict[str, Any]:
    """A run with stable keys."""
    run = report.run
    return {
        "run": run.run_no,
        "kind": run.kind,
        "status": run.status,
        "day": run.day,
        "model_version": run.version,
        "message": run.message,
        "next_step": run.next_step,
        "counts": run.counts,
        "people": {name: report.rescored[name] for name in ("scored", "changed", "wanted")},
        "connections": [_connection(each) for each in report.connections.values()],
        "issues": [_issue(each) for each in report.issues],
    }


def print_report(report: RunReport, *, json: bool, would_write: Sequence[WouldWrite] = ()) -> None:
    """Print what a run did; of a dry run, what it would have written."""
    if json:
        would = {"would_write": [asdict(each) for each in would_write]} if would_write else {}
        print_json(report_as_json(report) | would)
        return
    run = report.run
    facts: dict[str, object] = {"run": f"{run.run_no} ({run.kind.value}): {run.status.value}"}
    if run.day is not None:
        facts["day"] = run.day
    if report.connections:
        facts["people"] = f"{report.rescored['scored']:,} scored, {report.rescored['changed']:,} changed"
    print_facts(facts)
    if report.connections:
        parts = [_connection(each) for each in report.connections.values()]
        columns = ("connection", *_PULLED, "api_calls", *_DELIVERED, "due", "writes")
        print_table([name.replace("_", " ") for name in columns], [[part[name] for name in columns] for part in parts])
        calls = [
            (part["connection"], kind, many)
            for part in parts
            for kind, many in sorted(part["calls_by_kind"].items(), key=lambda item: (-item[1], item[0]))
        ]
        if calls:
            print_table(("connection", "API calls", "number"), calls)
    elif run.counts:
        # Somebody else did it: its issues are in the log there, its counts in the store.
        print_facts({name.replace("_", " "): many for name, many in run.counts.items()})
    _print_issues(report)
    if would_write:
        columns = ("connection", "due", "new", "changes", "blanks", "written")
        rows = [[getattr(each, name) for name in columns] for each in would_write]
        print_table(columns, rows, title="A dry run wrote nothing. With writes on, it would write")
        for each in would_write:
            if each.held:
                print(f"{each.connection}: the guard would hold it, it {each.held}")


def _print_issues(report: RunReport) -> None:
    for issue in report.issues:
        stream = f" {issue.stream}" if issue.stream else ""
        print(f"{issue.connection}{stream}: {issue.message}")
        if issue.next_step:
            print(f"  next: {issue.next_step}")
    if not report.issues and report.run.message:
        print(report.run.message)
        if report.run.next_step:
            print(f"  next: {report.run.next_step}")
    for part in report.connections.values():
        if part.writes == "off" and part.due:
            print(f"{part.name}: writes are off, {part.due:,} records wait")
            print(f"  next: leadgrade preview, then leadgrade writes on {part.name}")


def _connection(report: ConnectionReport) -> dict[str, Any]:
    return {
        "connection": report.name,
        **{name: report.pulled[name] for name in _PULLED},
        "api_calls": report.calls,
        "calls_by_kind": dict(report.calls_by_kind),
        **{name: report.delivered[outcome] for name, outcome in _DELIVERED.items()},
        "due": report.due,
        "writes": report.writes,
        "held": report.held,
    }


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "connection": issue.connection,
        "stream": issue.stream,
        "access": issue.access,
        "code": issue.code,
        "message": issue.message,
        "next_step": issue.next_step,
        "until": issue.until,
        "needs_attention": issue.needs_attention,
    }
