"""Every trap of hubspot-api-client that our use of it could meet has a test: here, or where the table says."""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from config.errors import SettingsError
from connectors.errors import NeedsAttention, Scope
from connectors.hubspot import Paths
from connectors.port import WriteOutcome, WriteRequest
from connectors.records import Stream
from connectors.sandbox.faults import Reply
from connectors.sandbox.server import SandboxServer
from tests.contract.hubspot_case import HubSpotCase

TESTS = Path(__file__).parents[1]
#: Trap -> tests of it, with the file that holds them.
ELSEWHERE = {
    "every sub-API has exception classes of its own": (
        "unit/test_hubspot_errors.py",
        "test_every_exception_class_of_the_vendor_is_mapped_by_its_status",
    ),
    "network errors come as urllib3's own, and api_request as those of requests": (
        "unit/test_hubspot_errors.py",
        "test_every_exception_of_urllib3_is_mapped",
        "test_every_exception_of_requests_is_mapped",
    ),
    "each attribute access builds another client and another pool": (
        "contract/test_hubspot_client.py",
        "test_all_apis_share_one_connection",
    ),
    "an API object that is held keeps the old token": (
        "contract/test_hubspot_client.py",
        "test_a_rotated_token_is_read_again_and_nothing_is_lost",
    ),
    "host re-points the typed APIs, api_request needs base_url: one call would go to the real HubSpot": (
        "contract/test_hubspot_client.py",
        "test_on_dated_paths_nothing_legacy_is_called_but_what_has_no_dated_path",
    ),
    "there is no default timeout": ("contract/test_hubspot_client.py", "test_every_call_carries_both_timeouts"),
    "its retries leave out POST and PATCH": (
        "contract/test_hubspot_client.py",
        "test_the_librarys_post_is_tried_again_by_us_alone",
    ),
    "urllib3 obeys Retry-After in silence": ("contract/test_hubspot_client.py", "test_retry_after_is_left_to_us"),
    "when retries are used up, body and policyName are lost": (
        "contract/test_hubspot_client.py",
        "test_the_daily_limit_says_when_the_accounts_day_begins_anew",
        "test_a_short_throttle_is_waited_out_and_a_long_one_is_not",
    ),
    "207 returns as if all were well": (
        "contract/test_hubspot_client.py",
        "test_a_partial_answer_of_a_batch_is_not_taken_for_absence",
    ),
    "an error body that is no UTF-8 makes the library stumble": (
        "contract/test_hubspot_client.py",
        "test_an_error_that_is_no_utf8_does_not_stumble",
    ),
    "requests takes a .netrc for the token": (
        "contract/test_hubspot_client.py",
        "test_a_netrc_does_not_replace_our_token",
    ),
    "associations beyond the first page are lost": (
        "contract/test_hubspot_reading.py",
        "test_associations_are_followed_through_their_pages",
    ),
    "get_all holds everything and begins anew after an error": (
        "contract/test_hubspot_reading.py",
        "test_a_load_of_any_stream_through_faults_of_any_kind_ends_equal",
    ),
    "a URL of many properties is refused with 414": (
        "contract/test_hubspot_reading.py",
        "test_a_map_too_wide_for_urls_and_searches_is_read_by_batches",
    ),
    "an answer may carry another id than was asked for (merges)": (
        "contract/test_hubspot_reading.py",
        "test_a_merge_of_merges_leads_every_old_id_to_the_last_winner",
    ),
    "doubles in a batch update refuse all of it": (
        "contract/test_hubspot_writing.py",
        "test_a_record_twice_in_one_call_is_written_in_order",
    ),
    "the library's signature check takes any stamp of the future and decodes nothing": (
        "unit/test_hubspot_webhooks.py",
        "test_the_stamp_must_be_near_in_both_directions",
        "test_the_address_is_signed_with_these_characters_decoded_and_no_others",
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer) -> Iterator[HubSpotCase]:
    made = HubSpotCase(server, "traps", Paths.DATED, count=45)
    yield made
    made.close()
    server.unmount("traps")


@pytest.mark.parametrize("trap", ELSEWHERE)
def test_a_trap_has_its_tests(trap: str) -> None:
    file, *names = ELSEWHERE[trap]
    text = (TESTS / file).read_text(encoding="utf-8")

    assert all(f"def {name}(" in text for name in names)


def test_the_release_of_urllib3_that_breaks_the_library_is_not_installed_with_us() -> None:
    held = [Requirement(text) for text in requires("leadgrade") or ()]
    urllib3 = next(each for each in held if each.name == "urllib3")

    assert "2.6.0" not in urllib3.specifier
    assert "2.8.0" in urllib3.specifier


def test_the_library_changes_no_log_level_of_the_process(case: HubSpotCase) -> None:
    watched = logging.getLogger("urllib3")
    before, debug = watched.level, http.client.HTTPConnection.debuglevel
    watched.setLevel(logging.DEBUG)
    try:
        connector = case.connector()
        connector.identify()
        connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS))
        assert watched.level == logging.DEBUG
        assert http.client.HTTPConnection.debuglevel == debug
    finally:
        watched.setLevel(before)


def test_a_success_that_the_library_does_not_expect_is_not_taken_for_nothing(case: HubSpotCase) -> None:
    """Its typed calls give None for a status that they do not know."""
    connector = case.connector()
    rows = {
        "results": [{"id": "7", "properties": {"email": "a@acme.example", "lastmodifieddate": "2026-11-20T00:00:00Z"}}]
    }
    case.faults.add(Reply(status=202, payload=rows), path="/objects/2026-09/contacts", times=1)

    page = connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS))

    assert [record.ref.id for record in page.records] == ["7"]


def test_a_cleared_value_goes_out_as_the_empty_text_never_as_null(case: HubSpotCase) -> None:
    """The library drops None from models and sends null from dictionaries; HubSpot clears by the empty text."""
    connector = case.connector()
    connector.apply_fields()
    ref = case.pick(1)[0]
    sent: list[object] = []
    wire = connector._client._wire
    api = wire.api("objects.batch", lambda library: library.crm.objects.batch_api)
    vendor_update = api.update
    api.update = lambda name, body: (sent.append(body), vendor_update(name, body))[1]

    (result,) = connector.write([WriteRequest(ref=ref, values={"score": None, "qualified": None, "grade": None})])

    assert result.outcome is WriteOutcome.ACCEPTED
    ((row,),) = ([body["inputs"] for body in sent],)  # type: ignore[index]
    assert set(row[0]["properties"].values()) == {""}
    assert "null" not in json.dumps(sent)


# ---------------------------------------------------------------- the token


def test_a_token_that_is_gone_stops_the_connection_and_says_where_it_should_be(case: HubSpotCase) -> None:
    def token() -> str:
        raise SettingsError("secret env:HUBSPOT_TOKEN is not set", next_step="export HUBSPOT_TOKEN=… and start again")

    connector = case.made(case.settings(token=token))

    with pytest.raises(NeedsAttention) as caught:
        connector.identify()

    assert (caught.value.code, caught.value.scope) == ("credentials", Scope.CONNECTION)
    assert "env:HUBSPOT_TOKEN" in caught.value.message
    assert "export HUBSPOT_TOKEN" in (caught.value.next_step or "")


def test_a_token_that_is_rotated_and_gone_in_the_middle_of_a_load_is_no_bug(case: HubSpotCase) -> None:
    held = {"token": "pat-eu1-sandbox"}
    connector = case.made(case.settings(token=lambda: held["token"], page_size=10))
    page = connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS))
    case.org.credentials["access_token"] = "pat-eu1-rotated"
    del held["token"]

    with pytest.raises(NeedsAttention) as caught:
        connector.read(Stream.CONTACTS, page.next)
    assert caught.value.code == "credentials"
    assert "pat-" not in str(caught.value)

    held["token"] = "pat-eu1-rotated"
    assert connector.read(Stream.CONTACTS, page.next).records
