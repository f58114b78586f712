"""What the demo prints: tables for people, plain text when nobody watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from sync.admin.actions.explain import Explanation
    from sync.jobs.report import RunReport

_BAND = 10
_BAR = 40


def run_table(report: RunReport) -> Table:
    """One row per connection: what came in, what went out, what it cost."""
    table = Table(title=f"run {report.run.run_no}: {report.run.status.value}", title_justify="left")
    for name in ("connection", "read", "new", "changed", "written", "refused", "due", "API calls"):
        table.add_column(name, justify="left" if name == "connection" else "right")
    for part in report.connections.values():
        table.add_row(
            part.name,
            *(f"{part.pulled[name]:,}" for name in ("pulled", "new", "changed")),
            f"{part.delivered['accepted']:,}",
            f"{part.delivered['rejected']:,}",
            f"{part.due:,}",
            f"{part.calls:,} ({', '.join(f'{kind} {count}' for kind, count in sorted(part.calls_by_kind.items()))})",
        )
    return table


def distribution_table(scores: pl.DataFrame) -> Table:
    """People per band of ten points, with a bar."""
    table = Table(title="scores", title_justify="left")
    table.add_column("points")
    table.add_column("people", justify="right")
    table.add_column("")
    bands: dict[int, int] = {}
    for total, people in scores.filter("in_scope").select("total", "people").iter_rows():
        band = min(total // _BAND * _BAND, 100 - _BAND) if total >= 0 else -_BAND
        bands[band] = bands.get(band, 0) + people
    most = max(bands.values(), default=1)
    for band in range(100 - _BAND, min([*bands, 0]) - 1, -_BAND):
        people = bands.get(band, 0)
        top = 100 if band == 100 - _BAND else band + _BAND - 1
        table.add_row(f"{band}-{top}", f"{people:,}", "█" * round(_BAR * people / most))
    return table


def matrix_table(scores: pl.DataFrame) -> Table:
    """Grades A1 to D4 with counts; people who are disqualified are counted apart."""
    table = Table(title="grades (letter: fit, number: engagement; without the disqualified)", title_justify="left")
    for name in ("", "1", "2", "3", "4"):
        table.add_column(name, justify="right" if name else "left")
    counts: dict[str, int] = {}
    qualifying = scores.filter("in_scope").filter(~scores.filter("in_scope")["disqualified"])
    for grade, people in qualifying.select("grade", "people").iter_rows():
        counts[grade] = counts.get(grade, 0) + people
    for letter in "ABCD":
        table.add_row(letter, *(f"{counts.get(letter + number, 0):,}" for number in "1234"))
    return table


def summary(scores: pl.DataFrame, reasons: Mapping[str, int]) -> str:
    """One sentence on the people."""

    def people(frame: pl.DataFrame) -> int:
        return int(frame["people"].sum())

    inside = scores.filter("in_scope")
    why = ", ".join(f"{code} {count}" for code, count in sorted(reasons.items(), key=lambda item: -item[1]))
    return (
        f"{people(scores):,} people, {people(scores) - people(inside):,} out of scope, "
        f"{people(inside.filter('qualified')):,} qualified, {people(inside.filter('disqualified')):,} disqualified"
        + (f" ({why})" if why else "")
    )


def explanation_table(explanation: Explanation) -> Table:
    """Lines and their total."""
    row: Mapping[str, Any] = explanation.score
    title = (
        f"person {explanation.person_no} on {explanation.day}: {row['total']} points, {row['grade']}, {row['rating']}"
    )
    table = Table(title=title, title_justify="left")
    for name in ("part", "line", "points", "evidence"):
        table.add_column(name, justify="right" if name == "points" else "left", overflow="fold")
    for part, label, points, evidence in explanation.lines.select("part", "label", "points", "evidence").iter_rows():
        table.add_row(part, label, f"{points:+.3f}", evidence or "")
    table.add_section()
    table.add_row("", "total", f"{explanation.lines['points'].sum():+.3f}", "")
    return table
