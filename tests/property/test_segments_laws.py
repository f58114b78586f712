"""Several models by segment: scoring everybody at once is splitting the people by hand and scoring each part by its model."""

from __future__ import annotations

import json

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import score
from scoring.model_file_segments import read_when, segment_nodes
from scoring.segments import NO_MODEL, Segment, Segments
from sync.rescore.cohorts import divide
from sync.rescore.frames import people_frame
from tests.engine_builders import DAY, a_fit_rule, a_model, a_rule, activity_frame, aged

#: The two do not agree on what `seats` is: a number here, a text there; nor on how far they look back.
NUMBERS = a_model(
    model="numbers",
    attributes={"seats": "number"},
    horizon="60 days",
    fit={"rules": [a_fit_rule("many", 10, {"seats": {"gt": 5}}), a_fit_rule("chief", 4, {"seniority": "c_level"})]},
    engagement={"rules": [a_rule("page", 3), a_rule("demo", 7, on="demo_attended")]},
    products={"suite": {"include_fit": True}},
)
TEXTS = a_model(
    model="texts",
    fit={"rules": [a_fit_rule("seven", 5, {"seats": {"starts_with": "7"}})]},
    engagement={"decay": {"half_life": "30 days"}, "rules": [a_rule("page", 12)]},
    machines={"click_after_send": "2 seconds"},
)
MODELS = (NUMBERS, TEXTS)

#: Condition -> whether it surely holds for a person with these ages of demos; unknown is not surely.
CONDITIONS = {
    '{"country_code": ["DE", "at"]}': lambda person, _: person.get("country_code") in {"DE", "AT"},
    '{"not": {"country_code": "FR"}}': lambda person, _: person.get("country_code", "FR") != "FR",
    '{"employees": {"gte": 100}}': lambda person, _: int(person.get("employees", 0)) >= 100,
    '{"employees": {"missing": true}}': lambda person, _: "employees" not in person,
    '{"any": [{"seniority": "vp"}, {"employees": {"lt": 10}}]}': lambda person, _: (
        person.get("seniority") == "vp" or int(person.get("employees", 10)) < 10
    ),
    '{"happened": {"on": "demo_attended", "within": "30 days"}}': lambda _, demos: any(age < 30 for age in demos),
    '{"not": {"happened": {"on": "demo_attended", "within": "30 days"}}}': lambda _, demos: all(
        age >= 30 for age in demos
    ),
    "": lambda *_: True,
}

persons = st.fixed_dictionaries(
    {},
    optional={
        "country_code": st.sampled_from(["DE", "AT", "FR", "US"]),
        "employees": st.sampled_from(["3", "50", "100", "5000"]),
        "seniority": st.sampled_from(["c_level", "vp", "manager"]),
        "seats": st.sampled_from(["3", "7", "70", "many"]),
    },
)
activities = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from(["page_view", "demo_attended"]), st.integers(0, 100)), max_size=25
)
entries = st.lists(st.tuples(st.sampled_from(MODELS), st.sampled_from(list(CONDITIONS))), min_size=1, max_size=4)


def a_segment(model, condition):
    text = json.dumps({"models": [{"model": model.name}]})
    if condition:
        text = f'{{"models": [{{"model": "{model.name}", "when": {condition}}}]}}'
    (node,) = segment_nodes(text, name="leadgrade.yaml")
    when = None if node.when is None else read_when(node.when, model, name="leadgrade.yaml")
    return Segment(model=model, when=when)


@settings(max_examples=60)
@given(st.lists(persons, max_size=12), activities, entries)
def test_everybody_at_once_is_each_part_by_its_own_model(people, happened, chosen):
    stored = pl.DataFrame(
        [(number, json.dumps(each)) for number, each in enumerate(people, start=1)],
        schema={"person_no": pl.Int64, "profile": pl.String},
        orient="row",
    )
    rows = activity_frame([aged(kind, age, person=person) for person, kind, age in happened])
    nobody = pl.DataFrame(schema={"person_no": pl.Int64, "qualified": pl.Boolean})
    segments = Segments([a_segment(*each) for each in chosen])

    cohorts = divide(segments, stored, rows, nobody, day=DAY, assets=None)

    found = {
        row["person_id"]: row for each in cohorts for row in each.scores(day=DAY, assets=None).iter_rows(named=True)
    }
    assert cohorts
    assert sorted(found) == list(range(1, len(people) + 1))
    for number, person in enumerate(people, start=1):
        mine = rows.filter(pl.col("person_id") == number)
        ages = [(DAY - at.date()).days for at in mine.filter(pl.col("kind") == "demo_attended")["at"]]
        # A condition sees no further than the horizon of the model beside it.
        demos = {model.name: [age for age in ages if age < model.horizon_days] for model in MODELS}
        model = next((model for model, text in chosen if CONDITIONS[text](person, demos[model.name])), None)
        if model is None:
            assert (found[number]["model"], found[number]["in_scope"], found[number]["total"]) == (
                NO_MODEL,
                False,
                None,
            )
            continue
        columns = {"person_id", "seats", "seniority", "country_code", "employees"}
        alone = people_frame(stored.filter(pl.col("person_no") == number), model, columns, nobody)
        assert found[number] == score(model, alone, mine, day=DAY).row(0, named=True)
