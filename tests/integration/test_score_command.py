"""`leadgrade score` as operators run it: a process of its own, real files, the shipped preset."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal

import polars as pl
import pytest

DAY = "2026-11-18"
TITLES = ["CFO", "Head of Sales", "Praktikant", "Étudiante", "Sales Manager", "Consultant", "Analyst", ""]
COUNTRIES = ["United States", "Deutschland", "FR", "", "Ireland"]
KINDS = [
    "page_view",
    "email_clicked",
    "download",
    "demo_requested",
    "meeting_held",
    "unsubscribed",
    "email_bounced",
    "webinar_attended",
]


def leadgrade(*arguments, folder):
    return subprocess.run(
        [sys.executable, "-c", "from sync.admin.cli.main import run; run()", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "PYTHONPATH": ":".join(each for each in sys.path if each)},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("score")
    people = pl.DataFrame(
        {
            "person_id": [f"p{number}" for number in range(400)],
            "email": [
                [f"u{number}@firm.example", f"u{number}@gmail.com", "nobody", None][number % 4] for number in range(400)
            ],
            "last_name": [["Lee", "X1", None][number % 3] for number in range(400)],
            "title": [TITLES[number % len(TITLES)] for number in range(400)],
            "country": [COUNTRIES[number % len(COUNTRIES)] for number in range(400)],
            "revenue": [[None, 5e7, 2.5e8, 9e8][number % 4] for number in range(400)],
            "timeline_months": [[None, 2.0, 6.0][number % 3] for number in range(400)],
            "purchasing_authority": [[None, "decision_maker"][number % 2] for number in range(400)],
            "relation": [([None] * 19 + ["customer"])[number % 20] for number in range(400)],
        }
    )
    activities = pl.DataFrame(
        {
            "person_id": [f"p{(number * 7) % 410}" for number in range(3000)],
            "kind": [KINDS[(number * number) % (7 if number % 50 else 8)] for number in range(3000)],
            "at": [
                f"2026-{number % 11 + 1:02d}-{number % 28 + 1:02d}T{number % 24:02d}:00:00Z" for number in range(3000)
            ],
            "url": [["/pricing", "/careers", None][number % 3] for number in range(3000)],
        }
    )
    people.write_csv(folder / "people.csv")
    activities.write_csv(folder / "activities.csv")
    people.write_parquet(folder / "people.parquet")
    activities.with_columns(pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")).write_parquet(
        folder / "activities.parquet"
    )
    return folder


@pytest.fixture(scope="module")
def done(folder):
    """The run on CSV files, with scores.csv and lines.csv beside them."""
    return leadgrade(
        *("score", "people.csv", "activities.csv", "--model", "preset:b2b", "--day", DAY),
        *("--out", "scores.csv", "--explain", "lines.csv"),
        folder=folder,
    )


def test_the_preset_scores_files_and_the_lines_of_everybody_add_up(folder, done):
    assert done.returncode == 0, done.stderr
    assert "people        400\n" in done.stdout
    assert "activities.csv: 73 activities of people who are not in people.csv: ignored" in done.stderr
    scores = list(csv.DictReader((folder / "scores.csv").read_text().splitlines()))
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in csv.DictReader((folder / "lines.csv").read_text().splitlines()):
        sums[line["person_id"]] += Decimal(line["points"])
    assert [row["person_id"] for row in scores] == [f"p{number}" for number in range(400)]
    inside = [row for row in scores if row["in_scope"] == "true"]
    assert len(inside) == 380
    assert [sums.pop(row["person_id"], Decimal()) for row in inside] == [Decimal(row["total"]) for row in inside]
    assert sums == {}
    assert len({row["grade"] for row in inside}) > 5


def test_the_same_files_give_the_same_bytes_on_stdout(folder, done):
    again = leadgrade("score", "people.csv", "activities.csv", "--model", "preset:b2b", "--day", DAY, folder=folder)

    assert done.returncode == again.returncode == 0
    assert again.stdout == (folder / "scores.csv").read_text()


def test_parquet_and_csv_give_the_same_scores(folder, done):
    from_parquet = leadgrade(
        *("score", "people.parquet", "activities.parquet", "--model", "preset:b2b", "--day", DAY),
        *("--out", "scores.parquet", "--explain", "lines.parquet"),
        folder=folder,
    )

    assert from_parquet.returncode == 0, from_parquet.stderr
    scores = pl.read_parquet(folder / "scores.parquet")
    totals = [
        int(row["total"]) if row["total"] else None
        for row in csv.DictReader((folder / "scores.csv").read_text().splitlines())
    ]
    assert scores["total"].to_list() == totals
    assert scores.schema["day"] == pl.Date
    assert scores.schema["disqualify_codes"] == pl.List(pl.String)
    assert pl.read_parquet(folder / "lines.parquet").schema["points"] == pl.Decimal(18, 3)


def test_whoever_stops_reading_hears_nothing_of_a_bug(folder):
    command = "from sync.admin.cli.main import run; run()"
    environment = {"PATH": "", "PYTHONPATH": ":".join(each for each in sys.path if each)}
    with subprocess.Popen(
        [sys.executable, "-c", command, "score", "people.csv", "--model", "preset:b2b"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        process.stdout.close()
        errors = process.stderr.read().decode()

    assert process.returncode == 1
    assert "bug" not in errors


def test_refusals_exit_1_and_wrong_use_exits_2(folder):
    (folder / "bad.csv").write_text("person_id,kind,at\np1,dance,2026-11-18\n")

    refused = leadgrade("score", "people.csv", "bad.csv", "--model", "preset:b2b", folder=folder)
    wrong = leadgrade("score", "nowhere.csv", "--model", "preset:b2b", folder=folder)

    assert (refused.returncode, wrong.returncode) == (1, 2)
    assert "bad.csv: row 2, column kind: 'dance' is not a kind of activity" in refused.stderr
    assert refused.stdout == wrong.stdout == ""
