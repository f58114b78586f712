"""The sandbox's HubSpot: access, allowances, records, and what is written to them."""

from __future__ import annotations

import pytest

from tests.contract.hubspot_portal import CONTACTS, Portal, refused


@pytest.fixture
def portal() -> Portal:
    return Portal()


# ---- who, where, how often ----


def test_without_a_token_the_answer_is_401(portal: Portal) -> None:
    content = refused(portal.ask("GET", CONTACTS, headers={"X": "y"}), 401)

    assert content["category"] == "INVALID_AUTHENTICATION"


@pytest.mark.parametrize("url", ["/crm/v9/objects/contacts", "/crm/objects/2031-01/contacts", "/oauth/v1/token", "/x"])
def test_an_unknown_path_is_refused_as_hubspot_does(portal: Portal, url: str) -> None:
    assert "category" not in refused(portal.ask("GET", url), 404)


@pytest.mark.parametrize("name", ["contacts", "contact", "0-1"])
@pytest.mark.parametrize("root", ["/crm/v3/objects", "/crm/objects/2026-09", "/crm/objects/2026-03"])
def test_paths_and_object_names_have_aliases(portal: Portal, root: str, name: str) -> None:
    (record_id,) = portal.people(1)

    assert portal.ask("GET", f"{root}/{name}/{record_id}").json()["id"] == record_id


def test_headers_tell_the_limits_but_not_for_searches(portal: Portal) -> None:
    listed = portal.ask("GET", CONTACTS).headers
    searched = portal.ask("POST", f"{CONTACTS}/search", {}).headers

    assert listed["X-HubSpot-RateLimit-Max"] == "190"
    assert listed["X-HubSpot-RateLimit-Remaining"] == "189"
    assert listed["X-HubSpot-RateLimit-Daily-Remaining"] == "999999"
    assert not [name for name in searched if name.startswith("X-HubSpot")]


@pytest.mark.parametrize(
    ("calls", "method", "url", "policy"),
    [
        (190, "GET", CONTACTS, "TEN_SECONDLY_ROLLING"),
        (5, "POST", f"{CONTACTS}/search", "SECONDLY"),
    ],
)
def test_windows_are_counted_and_pass(portal: Portal, calls: int, method: str, url: str, policy: str) -> None:
    answers = [portal.ask(method, url, {}).status for _ in range(calls)]
    content = refused(portal.ask(method, url, {}), 429)
    portal.org.clock.advance(10)

    assert set(answers) == {200}
    assert (content["policyName"], content["errorType"]) == (policy, "RATE_LIMIT")
    assert portal.ask(method, url, {}).status == 200


def test_the_days_pool_ends_with_another_policy(portal: Portal) -> None:
    portal.org.quotas["daily"].exhaust(portal.org.clock.now())

    assert refused(portal.ask("GET", CONTACTS), 429)["policyName"] == "DAILY"


def test_scopes_that_are_missing_are_named(portal: Portal) -> None:
    portal.org.settings["denied"] = {"deals"}

    content = refused(portal.ask("GET", "/crm/v3/objects/deals"), 403)

    assert content["category"] == "MISSING_SCOPES"
    assert content["errors"][0]["context"]["requiredGranularScopes"]


# ---- lists and records ----


def test_values_are_texts_empty_is_null_and_unknown_is_left_out(portal: Portal) -> None:
    record = portal.org.create("companies", {"name": "Acme", "numberofemployees": "12"})

    content = portal.ask(
        "GET", f"/crm/v3/objects/companies/{record.id}?properties=numberofemployees,city,nothing"
    ).json()

    assert content["properties"] == {
        "numberofemployees": "12",
        "city": None,
        "hs_object_id": record.id,
        "createdate": "2026-11-20T12:00:00.000Z",
        "hs_lastmodifieddate": "2026-11-20T12:00:00.000Z",
    }
    assert content["archived"] is False


def test_a_hidden_property_is_left_out_silently(portal: Portal) -> None:
    (record_id,) = portal.people(1)
    portal.org.type("contacts").alter("email", visible=False)

    assert "email" not in portal.ask("GET", f"{CONTACTS}/{record_id}?properties=email").json()["properties"]


def test_pages_are_continued_by_the_id_of_the_next_record(portal: Portal) -> None:
    ids = portal.people(5)

    page = portal.ask("GET", f"{CONTACTS}?limit=2").json()
    following = page["paging"]["next"]

    assert [row["id"] for row in page["results"]] == ids[:2]
    assert following["after"] == ids[2]
    assert following["link"].startswith("http://127.0.0.1/crm/v3/objects/contacts?limit=2&after=")
    last = portal.ask("GET", f"{CONTACTS}?limit=2&after={ids[4]}").json()
    assert [row["id"] for row in last["results"]] == ids[4:]
    assert "paging" not in last


@pytest.mark.parametrize(
    "query", ["limit=101", "limit=0", "limit=51&propertiesWithHistory=email", "limit=x", "after=first"]
)
def test_limits_of_lists_are_kept(portal: Portal, query: str) -> None:
    assert refused(portal.ask("GET", f"{CONTACTS}?{query}"), 400)["category"] == "VALIDATION_ERROR"


def test_a_url_that_is_too_long_is_414(portal: Portal) -> None:
    assert portal.ask("GET", f"{CONTACTS}?properties={'x' * 20_000}").status == 414


def test_archived_records_are_listed_apart_and_keep_their_modified_date(portal: Portal) -> None:
    gone, held = portal.people(2)
    portal.org.clock.advance(60)
    assert portal.ask("DELETE", f"{CONTACTS}/{gone}").status == 204

    archived = portal.ask("GET", f"{CONTACTS}?archived=True").json()["results"]

    assert [(row["id"], row["archived"], row["archivedAt"]) for row in archived] == [
        (gone, True, "2026-11-20T12:01:00.000Z")
    ]
    assert archived[0]["updatedAt"] == "2026-11-20T12:00:00.000Z"
    assert [row["id"] for row in portal.ask("GET", f"{CONTACTS}?archived=false").json()["results"]] == [held]
    assert refused(portal.ask("GET", f"{CONTACTS}/{gone}"), 404)["category"] == "OBJECT_NOT_FOUND"


def test_history_comes_newest_first(portal: Portal) -> None:
    deal = portal.org.create("deals", {"dealstage": "appointmentscheduled", "pipeline": "default"})
    portal.org.clock.advance(60)
    portal.org.update("deals", deal.id, {"dealstage": "closedwon"})

    row = portal.ask("GET", "/crm/v3/objects/deals?propertiesWithHistory=dealstage").json()["results"][0]

    entries = row["propertiesWithHistory"]["dealstage"]
    assert [entry["value"] for entry in entries] == ["closedwon", "appointmentscheduled"]
    assert entries[0]["timestamp"] == "2026-11-20T12:01:00.000Z"


def test_merged_records_answer_to_their_old_ids(portal: Portal) -> None:
    first, second = portal.people(2)
    payload = {"primaryObjectId": first, "objectIdToMerge": second}

    survivor = portal.ask("POST", f"{CONTACTS}/merge", payload).json()["id"]

    assert survivor not in (first, second)
    got = portal.ask("GET", f"{CONTACTS}/{second}?properties=hs_merged_object_ids").json()
    assert (got["id"], got["properties"]["hs_merged_object_ids"]) == (survivor, f"{first};{second}")
    assert portal.ask("GET", f"{CONTACTS}?archived=true").json()["results"] == []


def test_a_privacy_deletion_leaves_no_trace(portal: Portal) -> None:
    (record_id,) = portal.people(1)

    answer = portal.ask("POST", f"{CONTACTS}/gdpr-delete", {"objectId": "p0@acme.example", "idProperty": "email"})

    assert answer.status == 204
    assert portal.ask("GET", f"{CONTACTS}/{record_id}").status == 404
    assert portal.ask("GET", f"{CONTACTS}?archived=true").json()["results"] == []


# ---- writing ----


def test_an_address_that_is_taken_is_a_conflict(portal: Portal) -> None:
    (held,) = portal.people(1)

    content = refused(portal.ask("POST", CONTACTS, {"properties": {"email": "P0@acme.example"}}), 409)

    assert held in content["message"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nothing", "x", "PROPERTY_DOESNT_EXIST"),
        ("hs_object_id", "1", "READ_ONLY_VALUE"),
        ("lifecyclestage", "champion", "INVALID_OPTION"),
        ("email", "no address", "INVALID_EMAIL"),
        ("do_not_call", "maybe", "INVALID_OPTION"),
    ],
)
def test_bad_values_are_refused_by_code(portal: Portal, name: str, value: str, code: str) -> None:
    (record_id,) = portal.people(1)

    content = refused(portal.ask("PATCH", f"{CONTACTS}/{record_id}", {"properties": {name: value}}), 400)

    assert content["category"] == "VALIDATION_ERROR"
    assert content["errors"][0]["code"] == code
    assert content["message"].startswith("Property values were not valid: [{")


def test_the_empty_text_clears_and_values_come_back_in_hubspots_form(portal: Portal) -> None:
    (record_id,) = portal.people(1)
    given = {"firstname": "", "email": "New@Acme.example", "do_not_call": True}

    content = portal.ask("PATCH", f"{CONTACTS}/{record_id}", {"properties": given}).json()

    shown = {name: content["properties"][name] for name in given}
    assert shown == {"firstname": None, "email": "new@acme.example", "do_not_call": "true"}


def test_the_lifecycle_only_goes_forward_unless_it_is_cleared(portal: Portal) -> None:
    (record_id,) = portal.people(1)
    seen = []
    for stage in ("customer", "lead", "", "lead"):
        portal.ask("PATCH", f"{CONTACTS}/{record_id}", {"properties": {"lifecyclestage": stage}})
        seen.append(portal.org.get("contacts", record_id).get("lifecyclestage"))

    assert seen == ["customer", "customer", None, "lead"]
