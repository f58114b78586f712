"""Conditions that stand beside a model instead of in it, and which entry a person belongs to."""

from __future__ import annotations

import pytest

from scoring.errors import ModelError
from scoring.explain import explain
from scoring.model_file_segments import read_when, segment_nodes
from scoring.segments import NO_MODEL, Segment, Segments, StandaloneCondition
from tests.engine_builders import DAY, a_fit_rule, a_model, activity_frame, aged, people_frame

PEOPLE = people_frame(
    {"country_code": "DE", "seats": 9},
    {"country_code": "FR", "seats": 2},
    {"country_code": None, "seats": None},
)
MODEL = a_model(
    model="m", attributes={"seats": "number"}, lists={"ours": ["DE", "AT"]}, machines={"click_after_send": "2 seconds"}
)


def when(text, model=MODEL):
    (node,) = segment_nodes(f"models:\n  - model: m.yaml\n    when: {text}\n", name="leadgrade.yaml")
    return read_when(node.when, model, name="leadgrade.yaml")


def holds(text, *activities, people=PEOPLE):
    found = StandaloneCondition(when(text), MODEL).holds(people, activity_frame(list(activities)), day=DAY)
    assert found.columns == ["person_id", "holds"]
    return found["holds"].to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{country_code: [DE, AT]}", [True, False, False]),
        ("{not: {country_code: FR}}", [True, False, False]),
        ("{country_code: {missing: true}}", [False, False, True]),
        ("{seats: {gt: 5}}", [True, False, False]),
        ("{country: {in_list: ours}}", [True, False, False]),
        ("{all: [{seats: {lt: 5}}, {country_code: FR}]}", [False, True, False]),
        ("{any: [{seats: {lt: 5}}, {country_code: DE}]}", [True, True, False]),
        ("{unknown_attribute: x}", [False, False, False]),
    ],
)
def test_a_condition_holds_or_not_and_unknown_is_false(text, expected):
    assert holds(text) == expected


def test_what_happened_is_asked_of_the_activities_without_machines():
    demo = aged("demo_attended", 10, person=2)
    machine = aged("email_clicked", 1, person=1, machine=True)

    assert holds("{happened: {on: demo_attended, within: 30 days}}", demo) == [False, True, False]
    assert holds("{happened: {on: demo_attended, within: 10 days}}", demo) == [False, False, False]
    assert holds("{happened: {on: email_clicked}}", machine) == [False, False, False]
    assert holds("{not: {happened: {on: demo_attended}}}", demo) == [True, False, True]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("{country_code: {equals: DE}}", 3, 27, "'equals'"),
        ("{seats: {gt: many}}", 3, 24, "'many'"),
        ("{happend: {on: demo_attended}}", 3, 12, "did you mean 'happened'?"),
        ("{happened: {on: demo_atended}}", 3, 27, "did you mean 'demo_attended'?"),
        ("{country_code: {in_list: our}}", 3, 36, "did you mean 'ours'?"),
        ("[DE, AT]", 3, 11, "expected a condition such as {country: US}, not a list"),
        ("~", 3, 11, "expected a condition such as {country: US}"),
        ("{}", 3, 11, "an empty condition"),
        ("{country_code: {matches: '('}}", 3, 36, "regular expression"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told_by_its_place_in_the_settings(text, line, column, message):
    with pytest.raises(ModelError) as error:
        when(text)

    (problem,) = error.value.problems
    assert (problem.file, problem.line, problem.column) == ("leadgrade.yaml", line, column)
    assert message in problem.message


def places(*entries):
    segments = Segments(entries)
    found = segments.places(lambda _model, _columns: PEOPLE, activity_frame([]), day=DAY)
    return [segments.models[place].model.name for place in found["place"]]


def test_a_person_belongs_to_the_first_entry_that_holds():
    first, second, rest = (a_model(model=name, attributes={"seats": "number"}) for name in ("first", "second", "rest"))
    german, small = when("{country_code: DE}"), when("{seats: {lt: 100}}")

    assert places(Segment(model=first, when=german), Segment(model=second, when=small), Segment(model=rest)) == [
        "first",
        "second",
        "rest",
    ]
    assert places(Segment(model=second, when=small), Segment(model=first, when=german)) == [
        "second",
        "second",
        NO_MODEL,
    ]
    assert places(Segment(model=rest), Segment(model=first, when=german)) == ["rest", "rest", "rest"]


def test_whoever_no_entry_holds_for_is_out_of_scope_and_has_no_lines():
    segments = Segments([Segment(model=MODEL, when=when("{country_code: DE}"))])
    nobody = segments.models[-1]

    assert nobody.model.name == NO_MODEL
    assert explain(nobody, PEOPLE.select("person_id"), activity_frame([]), day=DAY).is_empty()


def test_the_version_is_the_models_own_until_there_is_a_condition_or_a_second_model():
    other = a_model(model="other")
    german = Segment(model=MODEL, when=when("{country_code: DE}"))
    versions = [
        Segments(entries).version
        for entries in (
            [Segment(model=MODEL)],
            [german],
            [german, Segment(model=other)],
            [Segment(model=other), german],
            [Segment(model=MODEL, when=when("{country_code: AT}")), Segment(model=other)],
            [german, Segment(model=a_model(model="other", fit={"rules": [a_fit_rule("r", 1, {"title": "x"})]}))],
        )
    ]

    assert versions[0] == MODEL.version
    assert len(set(versions)) == len(versions)
    assert Segments([german, Segment(model=other)]).version == versions[2]


def test_the_order_of_values_and_the_way_a_condition_is_written_do_not_make_another_version():
    first = Segments([Segment(model=MODEL, when=when("{country_code: [DE, AT]}"))])
    second = Segments([Segment(model=MODEL, when=when("{country: {in: [AT, DE]}}"))])

    assert first.version == second.version


def test_companies_are_rolled_up_by_the_first_model_that_says_how():
    silent, maximum, total = (
        a_model(model="silent"),
        a_model(model="maximum", companies={"roll_up": "max"}),
        a_model(model="total", companies={"roll_up": "sum"}),
    )

    assert Segments([Segment(model=silent), Segment(model=maximum), Segment(model=total)]).companies is maximum
    assert Segments([Segment(model=silent)]).companies is None


def test_activities_are_read_with_what_models_and_conditions_look_at():
    condition = when("{happened: {on: page_view, where: {duration_s: {gt: 5}}}}")

    assert "duration_s" not in Segments([Segment(model=MODEL)]).activity_columns
    assert "duration_s" in Segments([Segment(model=MODEL, when=condition)]).activity_columns
