"""Scores of files: the same as the engine gives, in the order of the people, in the form that the format promises."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from scoring.compile import compile_model
from scoring.model_file import load_model
from scoring.vocabulary import SCORE_COLUMNS
from sync.admin.actions import score_files as action
from sync.admin.actions.score_files import read_files, score_files
from sync.admin.actions.scoring_files.sinks import CsvStream, Kept, file_sink

MODEL = """
model: m
time_zone: America/New_York
attributes: {plans: list, seats: number}
scope: {not: {relation: customer}}
fit:
  rules:
    - {id: boss, label: Boss, when: {seniority: c_level}, points: 10}
    - {id: suite, label: Suite, when: {plans: suite}, points: 7}
    - {id: seats, label: Seats, when: {seats: {gt: 5}}, points: 3}
    - {id: german, label: German, when: {country: DE}, points: 2}
engagement:
  rules: [{id: page, label: Page, on: page_view, points: 1}]
disqualify:
  - {code: rival, reason: Rival, when: {email_domain: rival.example}}
  - {code: bounce, reason: Bounce, when: {happened: {on: email_bounced}}}
grade:
  letter: {from: fit, A: 20, B: 10, C: 1}
  number: {from: engagement, 1: 3, 2: 2, 3: 1}
"""
COMPILED = compile_model(load_model(MODEL, name="m.yaml", read_list=str))
DAY = date(2026, 11, 18)
PEOPLE = """person_id,title,plans,seats,country,email,relation,seniority
z,CEO,suite|lite,6,Deutschland,a@rival.example,,
007,Assistant,,5,,,,c_level
a,,lite,,,,customer,
"""
ACTIVITIES = """person_id,kind,at,count
z,page_view,2026-11-18T04:59:00Z,
007,page_view,2026-11-18,2
007,page_view,2026-11-18,2
z,email_bounced,2026-11-01,
nobody,page_view,2026-11-18,
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "activities.csv").write_text(ACTIVITIES)
    return read_files(tmp_path / "people.csv", tmp_path / "activities.csv", COMPILED)


def scored(files, **options):
    sink, lines = Kept(), Kept()
    done = score_files(files, COMPILED, day=DAY, scores=sink, lines=lines, **options)
    return done, pl.concat(sink.frames), pl.concat(lines.frames)


def test_people_come_in_the_order_of_the_file_with_every_column(files):
    _, scores, _ = scored(files)

    assert scores["person_id"].to_list() == ["z", "007", "a"]
    assert scores.columns == list(SCORE_COLUMNS)


def test_derived_attributes_are_computed_where_empty_and_taken_where_filled(files):
    _, scores, _ = scored(files)

    assert scores["fit"].to_list() == [22, 10, None]


def test_equal_activities_are_different_and_strangers_are_counted(files):
    done, scores, _ = scored(files)

    assert scores["engagement"].to_list() == [1, 4, None]
    assert (done.activities, done.strangers) == (4, 1)


def test_the_summary_counts_people_grades_and_reasons(files):
    done, _, _ = scored(files)

    assert (done.people, done.in_scope, done.qualified, done.disqualified) == (3, 2, 0, 1)
    assert dict(done.grades) == {"D4": 1, "B1": 1}
    assert dict(done.ratings) == {"disqualified": 1, "cold": 1}


def test_the_lines_of_everybody_add_up(files):
    _, scores, lines = scored(files)

    sums = dict(lines.group_by("person_id").agg(pl.col("points").sum()).iter_rows())
    assert {who: sums[who] for who in ("z", "007")} == {"z": 0, "007": 14}
    assert lines["person_id"].unique(maintain_order=True).to_list() == ["z", "007"]
    assert scores["total"].to_list() == [0, 14, None]


def test_slices_change_nothing(files, monkeypatch):
    whole = scored(files)
    monkeypatch.setattr(action, "_SLICE_EXPLAINED", 1)
    told = []

    sliced = scored(files, told=lambda done, expected: told.append((done, expected)))

    assert sliced[1].equals(whole[1])
    assert sliced[2].equals(whole[2])
    assert sliced[0] == whole[0]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_csv_has_empty_cells_words_for_booleans_and_bars(files):
    stream = io.BytesIO()

    score_files(files, COMPILED, day=DAY, scores=CsvStream(stream=stream))

    lines = stream.getvalue().decode().splitlines()
    version = COMPILED.model.version
    assert lines[0] == ",".join(SCORE_COLUMNS)
    assert lines[1] == (
        f"z,true,0,22,1,0,0,,D4,disqualified,0,false,true,rival,rival|bounce,1,0,1,0,false,,2026-11-18,m,{version}"
    )
    assert lines[3] == f"a,false,,,,,,,,,,,,,,,,,,,,2026-11-18,m,{version}"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_of_nobody_gives_a_header(tmp_path, suffix):
    (tmp_path / "people.csv").write_text("person_id,email\n")
    files = read_files(tmp_path / "people.csv", None, COMPILED)
    sink = file_sink(tmp_path / f"out.{suffix}")

    done = score_files(files, COMPILED, day=DAY, scores=sink)
    sink.finish()

    assert done.people == 0
    read = pl.read_csv if suffix == "csv" else pl.read_parquet
    assert read(tmp_path / f"out.{suffix}").columns == list(SCORE_COLUMNS)


def test_parquet_keeps_types_and_whole_ids(tmp_path):
    pl.DataFrame({"person_id": [3, 1], "seats": [9, None]}).write_parquet(tmp_path / "people.parquet")
    activities = {"person_id": ["1", "3"], "kind": ["page_view"] * 2, "at": [DAY, DAY]}
    pl.DataFrame(activities).write_parquet(tmp_path / "activities.parquet")
    files = read_files(tmp_path / "people.parquet", tmp_path / "activities.parquet", COMPILED)
    sink = file_sink(tmp_path / "out.parquet")

    score_files(files, COMPILED, day=DAY, scores=sink)
    sink.finish()

    out = pl.read_parquet(tmp_path / "out.parquet")
    assert out.select("person_id", "total", "day", "disqualify_codes").rows() == [(3, 4, DAY, []), (1, 1, DAY, [])]


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    sink = file_sink(path)
    sink.write(pl.DataFrame({"a": [1]}))

    assert path.read_text() == "old"
    sink.discard()

    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_text() == "old"


def test_attributes_that_the_file_says_nothing_about_are_named(tmp_path):
    (tmp_path / "people.csv").write_text("person_id,title,enriched_seats\np1,CEO,3\n")

    files = read_files(Path(tmp_path / "people.csv"), None, COMPILED)

    assert files.lacking == ["country_code", "email_domain", "plans", "relation"]
