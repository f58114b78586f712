"""The connector suite on HubSpot, on dated and on legacy paths."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.hubspot import Paths
from connectors.hubspot.activities import ENGAGEMENTS
from connectors.records import Ref, Stream
from connectors.sandbox.server import SandboxServer
from tests.contract.connector_suite import ConnectorSuite
from tests.contract.hubspot_case import HubSpotCase


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


class HubSpotSuite(ConnectorSuite):
    paths = Paths.DATED

    @pytest.fixture
    def case(self, server: SandboxServer) -> Iterator[HubSpotCase]:
        made = HubSpotCase(server, "portal", self.paths)
        yield made
        made.close()
        server.unmount("portal")

    @pytest.mark.parametrize("stream", list(Stream))
    def test_the_ids_that_are_present_cover_the_org(self, case: HubSpotCase, stream: Stream) -> None:
        found = {ref for block in case.connector(page_size=50).present_ids(stream) for ref in block}

        # Events cannot vanish and are not swept.
        swept = {ref for ref in case.truth(stream) if stream is not Stream.ACTIVITIES or ref.object in ENGAGEMENTS}
        assert swept == found

    def test_all_activities_of_a_contact_are_found(self, case: HubSpotCase) -> None:
        truth = case.truth(Stream.ACTIVITIES)
        contact = next(
            item for item in case.org.scan("contacts") if case.org.where("email_events", "contactId", item.id)
        )
        ref = Ref(object="contacts", id=contact.id)
        mails = {
            f"10000000-0000-4000-8000-{event.id:0>12}"
            for event in case.org.where("email_events", "recipient", contact.get("email"))
        }

        found = {record.ref for page in case.connector().activities_of([ref]) for record in page.records}

        # Mail events are found by the address; form submissions only by their form, hence not for one contact.
        assert mails
        assert found == {other for other, known in truth.items() if ref in known["contacts"] or other.id in mails}


class TestHubSpotOnDatedPaths(HubSpotSuite):
    paths = Paths.DATED


class TestHubSpotOnLegacyPaths(HubSpotSuite):
    paths = Paths.LEGACY
