"""The connector suite on Salesforce."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.sandbox.server import SandboxServer
from tests.contract.connector_suite import ConnectorSuite
from tests.contract.salesforce_case import SalesforceBulkCase, SalesforceCase


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


class TestSalesforce(ConnectorSuite):
    @pytest.fixture
    def case(self, server: SandboxServer) -> Iterator[SalesforceCase]:
        made = SalesforceCase(server)
        yield made
        made.close()
        server.unmount("org")


class TestSalesforceByBulk(ConnectorSuite):
    """Every object of every first load by Bulk API 2.0, however small."""

    @pytest.fixture
    def case(self, server: SandboxServer) -> Iterator[SalesforceBulkCase]:
        made = SalesforceBulkCase(server)
        yield made
        made.close()
        server.unmount("org")
