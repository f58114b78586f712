"""`leadgrade score` as a command: where results go, what is wrong use, what is refused."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest
from typer.testing import CliRunner

from sync.admin.cli.main import app

runner = CliRunner()

MODEL = """model: m
fit: {rules: [{id: boss, label: Boss, when: {seniority: c_level}, points: 10}]}
engagement: {rules: [{id: page, label: Page, on: page_view, points: 1}]}
grade: {letter: {from: fit, A: 10, B: 5, C: 1}, number: {from: engagement, 1: 3, 2: 2, 3: 1}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.yaml").write_text(MODEL)
    (tmp_path / "people.csv").write_text("person_id,title\np1,CEO\np2,\n")
    (tmp_path / "acts.csv").write_text("person_id,kind,at\np1,page_view,2026-11-18\np9,page_view,2026-11-18\n")
    return tmp_path


def score(*arguments):
    return runner.invoke(app, ["score", *arguments])


def test_without_out_scores_go_to_stdout_and_the_summary_to_stderr(folder):
    result = score("people.csv", "acts.csv", "--model", "m.yaml", "--day", "2026-11-18")

    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["person_id"], row["total"], row["grade"]) for row in rows] == [("p1", "11", "A3"), ("p2", "0", "D4")]
    assert "people        2\n" in result.stderr
    assert "warning: acts.csv: 1 activity of people who are not in people.csv: ignored\n" in result.stderr


def test_with_out_the_summary_goes_to_stdout(folder):
    result = score("people.csv", "--model", "m.yaml", "--day", "2026-11-18", "--out", "out.csv")

    assert result.exit_code == 0
    assert "grade  1  2  3  4\nA      0  0  0  1\n" in result.stdout
    assert "\x1b" not in result.output
    assert len((folder / "out.csv").read_text().splitlines()) == 3


def test_json_without_out_holds_summary_and_scores(folder):
    result = score("people.csv", "--model", "m.yaml", "--day", "2026-11-18", "--json")

    found = json.loads(result.stdout)
    assert list(found) == ["summary", "scores"]
    assert found["summary"]["people"] == 2
    assert [row["person_id"] for row in found["scores"]] == ["p1", "p2"]


def test_json_with_out_holds_the_summary(folder):
    result = score("people.csv", "--model", "m.yaml", "--out", "out.parquet", "--json")

    assert list(json.loads(result.stdout)) == ["summary"]
    assert pl.read_parquet(folder / "out.parquet").height == 2


def test_the_day_is_today_in_the_models_zone_when_nothing_is_said(folder, monkeypatch):
    from datetime import UTC, datetime

    monkeypatch.setattr("sync.clock.SystemClock.now", lambda self: datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    (folder / "m.yaml").write_text(MODEL + "time_zone: Asia/Tokyo\n")

    found = json.loads(score("people.csv", "--model", "m.yaml", "--json").stdout)

    assert found["summary"]["day"] == "2026-03-02"


def test_lines_go_to_their_file(folder):
    result = score("people.csv", "acts.csv", "--model", "m.yaml", "--day", "2026-11-18", "--explain", "lines.csv")

    assert result.exit_code == 0
    lines = list(csv.DictReader((folder / "lines.csv").read_text().splitlines()))
    assert [(row["person_id"], row["rule_id"], row["points"]) for row in lines] == [
        ("p1", "boss", "10.000"),
        ("p1", "page", "1.000"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope.csv", "--model", "m.yaml"], "'nope.csv' does not exist"),
        (["people.csv"], "Missing option '--model'"),
        (["people.csv", "--model", "m.yaml", "--day", "18/11/2026"], "'18/11/2026' is not a date such as 2026-11-18"),
        (["people.csv", "--model", "m.yaml", "--day", "2026-02-30"], "'2026-02-30' is not a date such as 2026-11-18"),
        (["people.csv", "--model", "n.yaml"], "n.yaml: there is no such model file"),
        (["people.csv", "--model", "m.yaml", "--out", "s.xlsx"], "s.xlsx: the name must end in .csv or .parquet"),
        (["m.yaml", "--model", "m.yaml"], "m.yaml: the name must end in .csv or .parquet"),
        (["people.csv", "--model", "m.yaml", "--out", "people.csv"], "people.csv: this file is named twice"),
        (
            ["people.csv", "--model", "m.yaml", "--out", "o.csv", "--explain", "o.csv"],
            "o.csv: this file is named twice",
        ),
        (["people.csv", "--model", "m.yaml", "--out", "no/o.csv"], "/no: there is no such folder"),
    ],
)
def test_wrong_use(folder, arguments, message):
    result = score(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_refused_file_leaves_nothing_behind(folder):
    (folder / "people.csv").write_text("person_id,employees\np1,many\n")

    result = score("people.csv", "--model", "m.yaml", "--out", "o.csv", "--explain", "l.csv")

    assert result.exit_code == 1
    assert result.stderr == (
        "error: people.csv: row 2, column employees: 'many' is not a number\n"
        "next: correct the files; nothing was scored\n"
    )
    assert sorted(path.name for path in folder.iterdir()) == ["acts.csv", "m.yaml", "people.csv"]


def test_a_broken_model_names_its_places(folder):
    (folder / "m.yaml").write_text("model: m\nfitt: {}\n")

    result = score("people.csv", "--model", "m.yaml")

    assert result.exit_code == 1
    assert "m.yaml:2:1: " in result.stderr
    assert "did you mean 'fit'?" in result.stderr
