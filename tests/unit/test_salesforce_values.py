"""Values, cursors, budget and SOQL text of the Salesforce connector."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_salesforce.format import format_soql

from connectors.errors import NeedsAttention, QuotaSpent
from connectors.salesforce import soql
from connectors.salesforce.budget import Budget, parse_limit_info
from connectors.salesforce.cursor import Cursor, Place, load_cursor
from connectors.salesforce.describe import FieldDescription
from connectors.salesforce.values import Malformed, attribute, dig, full_id, read_instant, record_id
from connectors.sandbox.ids import salesforce_id
from tests.fakes import FakeClock


def _field(kind: str) -> FieldDescription:
    return FieldDescription(name="F", type=kind)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("string", "  Ada ", "Ada"),
        ("string", "   ", None),
        ("textarea", "one\r\ntwo", "one\ntwo"),
        ("picklist", None, None),
        ("boolean", False, False),
        ("int", 12, 12),
        ("double", Decimal("71.0"), 71),
        ("currency", Decimal("10.55"), Decimal("10.55")),
        ("date", "2026-11-20", date(2026, 11, 20)),
        ("datetime", "2026-11-20T08:30:00.000+0000", datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        ("datetime", "2026-11-20T08:30:00.250Z", datetime(2026, 11, 20, 8, 30, 0, 250_000, UTC)),
        ("multipicklist", "a; b;", ("a", "b")),
    ],
)
def test_values_get_the_type_of_their_field(kind: str, raw: object, value: object) -> None:
    assert attribute(_field(kind), raw, "F") == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("string", 5),
        ("string", {"a": 1}),
        ("boolean", "yes"),
        ("int", "12"),
        ("double", True),
        ("double", Decimal("NaN")),
        ("date", "20.11.2026"),
        ("datetime", "2026-11-20T08:30:00"),
        ("datetime", 1_763_600_000_000),
    ],
)
def test_a_value_of_another_type_is_malformed_and_not_shown(kind: str, raw: object) -> None:
    with pytest.raises(Malformed) as caught:
        attribute(_field(kind), raw, "Email")

    assert str(raw) not in caught.value.reason
    assert "Email" in caught.value.reason


def test_parents_that_are_absent_hold_nothing() -> None:
    assert dig({"Campaign": None}, "Campaign.Name") is None
    assert dig({"Campaign": {"Name": "Fair"}}, "Campaign.Name") == "Fair"


@given(st.integers(min_value=1, max_value=62**9 - 1))
def test_short_ids_become_the_long_ids_that_salesforce_gives(number: int) -> None:
    long = salesforce_id("00Q", number)

    assert full_id(long[:15]) == long
    assert record_id({"Id": long[:15]}) == long


@pytest.mark.parametrize("raw", [None, "", 5, "00Q", "00Qws000000000'AAA"])
def test_what_is_no_id_is_malformed(raw: object) -> None:
    with pytest.raises(Malformed):
        record_id({"Id": raw})


# ---- cursors ----

_instants = st.datetimes(min_value=datetime(1999, 1, 1), max_value=datetime(2099, 1, 1)).map(
    lambda value: value.replace(tzinfo=UTC, microsecond=value.microsecond // 1000 * 1000)
)
_places = st.dictionaries(
    st.sampled_from(["Lead", "Contact", "Task"]),
    st.none() | st.builds(Place, at=_instants, id=st.integers(1, 10**6).map(lambda n: salesforce_id("00Q", n))),
    min_size=1,
)


@given(
    st.builds(
        Cursor,
        mark=st.none() | _instants,
        low=st.none() | _instants,
        until=st.none() | _instants,
        next_mark=st.none() | _instants,
        places=_places,
    )
)
def test_a_cursor_survives_being_written_down(cursor: Cursor) -> None:
    assert load_cursor(cursor.dump()) == cursor


@pytest.mark.parametrize(
    "text",
    ["", "{}", "7", "null", '{"v": 2}', '{"v":1,"mark":"yesterday"}', '{"v":1,"mark":null,"places":{"Lead":[1]}}'],
)
def test_what_is_no_cursor_needs_attention(text: str) -> None:
    with pytest.raises(NeedsAttention) as caught:
        load_cursor(text)

    assert caught.value.code == "cursor"
    assert caught.value.next_step


# ---- SOQL ----


def test_instants_keep_their_milliseconds_which_the_library_cuts_off() -> None:
    at = datetime(2026, 11, 20, 8, 30, 0, 123_000, UTC)

    assert soql.instant(at) == "2026-11-20T08:30:00.123Z"
    assert ".123" not in format_soql("{}", at)


def test_texts_are_quoted() -> None:
    assert soql.text("O'Brien\\") == r"'O\'Brien\\'"
    assert soql.one_of("Id", ["a", "b'c"]) == r"Id IN ('a','b\'c')"


def test_lists_of_ids_are_cut_into_blocks_that_fit_an_address() -> None:
    ids = [salesforce_id("00Q", number) for number in range(1, 452)]

    blocks = list(soql.blocks([*ids, ids[0]]))

    assert [len(block) for block in blocks] == [200, 200, 51]
    assert max(len(soql.one_of("Id", block)) for block in blocks) < 5000


def test_a_keyset_goes_on_behind_the_last_row() -> None:
    at = read_instant("2026-11-20T08:30:00.000+0000", "SystemModstamp")

    assert soql.after(at, "00Q1") == (
        "SystemModstamp >= 2026-11-20T08:30:00.000Z AND (SystemModstamp > 2026-11-20T08:30:00.000Z OR Id > '00Q1')"
    )


# ---- budget ----


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=18/5000", (18, 5000)),
        ("api-usage=18/5000; api-bursts=1/750", (18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)", (25, 5000)),
        ("per-app-api-usage=17/250(appName=x); api-usage=25/5000", (25, 5000)),
        ("per-app-api-usage=17/250(appName=x)", None),
        ("", None),
    ],
)
def test_the_usage_header_is_read_in_all_its_forms(header: str, usage: tuple[int, int] | None) -> None:
    assert parse_limit_info(header) == usage


def test_the_share_of_the_day_ends_calls_until_the_day_is_over() -> None:
    clock = FakeClock()
    budget = Budget(daily_share=0.1, org_ceiling=0.95, clock=clock.now)
    for call in range(10):
        budget.check()
        budget.note("query", f"api-usage={call}/100; api-bursts=1/750")

    with pytest.raises(QuotaSpent) as caught:
        budget.check()

    assert caught.value.until == clock.now() + timedelta(hours=1)
    clock.advance(86_401)
    budget.check()


def test_calls_of_others_leave_the_rest_to_them() -> None:
    clock = FakeClock()
    budget = Budget(daily_share=1.0, org_ceiling=0.95, clock=clock.now)
    budget.note("query", "api-usage=95/100")

    with pytest.raises(QuotaSpent):
        budget.check()
    clock.advance(3601)
    budget.check()


def test_calls_are_counted_by_kind() -> None:
    budget = Budget(daily_share=1.0, org_ceiling=1.0, clock=FakeClock().now)
    budget.note("query", "api-usage=7/100")
    budget.note("query", None)
    budget.note("write", None)

    usage = budget.usage()

    assert (usage.calls, usage.calls_by_kind, usage.day_used, usage.day_limit) == (3, {"query": 2, "write": 1}, 7, 100)
