"""The store on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.contract.store_suite import StoreSuite
from tests.postgres import emptied


class TestPostgresStore(StoreSuite):
    @pytest.fixture
    def address(self) -> str:
        return emptied()
