from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.attributes import (
    COUNTRY_CODES,
    DERIVED,
    EMAIL_CLASSES,
    FUNCTIONS,
    SENIORITIES,
    classify_title,
    country_code,
    derive,
    derive_frame,
    email_class,
    number_from_text,
    read_phone,
    region_code,
    registrable_domain,
    whole_number,
)

TEXTS = ("email", "first_name", "last_name", "title", "company", "website", "phone", "country", "state")

PIECES = st.sampled_from(
    [
        "ann@acme.example", "info@", "@", "test@test.com", "ß", "İ", "xn--", "xn--mller-kva.de", "http://", "acme.com", "..", "a" * 300,
        "+49 30 901820", "0049", "030 901820", "1,000-5,000", "$50M", "10 Mio. €", "<", "%", "1.2.3", "٣٤", "²", "½",
        "CEO", "chief", "officer", "Chief of Staff", "assistant to the", "partner", "former", "Leiter", "(m/w/d)", "&", "/", "-", ":in", "stage",
        "Deutschland", "États-Unis", "US", "US-CA", "Bayern", "DE", "Georgia", "\x00", "\ud800", "\u202e", "🙂", "李", " ", "\n", "'", ",",
    ]
)  # fmt: skip
TEXT = st.one_of(
    st.text(max_size=60), st.lists(PIECES, max_size=6).map("".join), st.lists(PIECES, max_size=5).map(" ".join)
)
VALUE = st.one_of(st.none(), TEXT, st.integers(), st.floats(), st.booleans(), st.lists(TEXT, max_size=2))
RECORD = st.dictionaries(st.sampled_from([*TEXTS, "employees", "revenue", *DERIVED]), VALUE, max_size=14)
#: Text that a frame can hold: Polars keeps strings as UTF-8, where lone surrogates do not exist.
STORED = TEXT.map(lambda text: text.encode("utf-8", "ignore").decode())


@settings(deadline=None)
@given(RECORD)
def test_any_record_yields_derived_attributes_and_never_an_error(record):
    derived = derive(record)

    assert set(derived) <= set(DERIVED)
    assert all(isinstance(value, (str, bool, int, float)) for value in derived.values())


@settings(deadline=None)
@given(RECORD)
def test_deriving_again_from_what_was_derived_changes_nothing(record):
    derived = derive(record)

    assert derive({**record, **derived}) == derived


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(TEXTS, TEXT)))
def test_values_of_closed_sets_stay_in_them(record):
    derived = derive(record)

    assert derived["email_class"] in EMAIL_CLASSES
    assert derived.get("seniority", "unknown") in SENIORITIES
    assert derived.get("function", "unknown") in FUNCTIONS
    assert derived.get("country_code", "FR") in COUNTRY_CODES
    assert str(derived.get("region_code", "FR-IDF"))[2] == "-"
    assert str(derived.get("phone_e164", "+1"))[0] == "+"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({name: st.none() | STORED for name in [*TEXTS, "employees", "revenue", "seniority"]}),
        max_size=6,
    )
)
def test_a_frame_holds_for_each_row_what_its_record_yields(records):
    frame = derive_frame(
        pl.DataFrame(records, schema=dict.fromkeys([*TEXTS, "employees", "revenue", "seniority"], pl.String))
    )

    rows = frame.select(DERIVED).to_dicts()
    assert [{name: value for name, value in row.items() if value is not None} for row in rows] == [
        derive(record) for record in records
    ]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(STORED, STORED, STORED), min_size=1, max_size=8), st.randoms())
def test_the_other_rows_of_a_frame_change_nothing(rows, shuffle):
    frame = pl.DataFrame(rows, schema=["title", "email", "country"], orient="row").with_row_index("person_id")
    order = list(range(len(rows)))
    shuffle.shuffle(order)

    whole = derive_frame(frame)
    shuffled = derive_frame(frame[order]).sort("person_id")

    assert whole.equals(shuffled)
    assert pl.concat([derive_frame(frame[at : at + 1]) for at in range(len(rows))]).equals(whole)


@settings(deadline=None)
@given(TEXT, st.none() | st.sampled_from(["DE", "US", "XK", "BR", "??", "", "de"]))
def test_every_normaliser_stands_any_text(text, country):
    classify_title(text)
    country_code(text)
    region_code(text, country)
    read_phone(text, country)
    registrable_domain(text)
    email_class(text)
    whole_number(text)

    assert (number_from_text(text) or 0) >= 0


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**12))
@pytest.mark.parametrize("separator", [",", ".", " ", "'", "\u00a0", "\u202f", ""])
def test_a_whole_number_is_read_back_whatever_groups_its_digits(separator, number):
    assert number_from_text(f"{number:,}".replace(",", separator)) == number


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=10**6), st.integers(min_value=1, max_value=10**6))
def test_the_middle_of_a_range_lies_between_its_ends(one, other):
    low, high = sorted((one, other))

    assert number_from_text(f"{low:,}-{high:,}") == (low + high) / 2


@settings(deadline=None)
@given(
    st.sampled_from(sorted(COUNTRY_CODES)),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["", " ", "\t"]),
)
def test_a_country_is_known_by_its_code_in_any_case(code, case, space):
    assert country_code(space + case(code) + space) == code


@settings(deadline=None)
@given(TEXT)
def test_a_registrable_domain_is_its_own_registrable_domain(text):
    domain = registrable_domain(text)

    assert domain is None or registrable_domain(domain) == domain
