"""The store on a SQLite file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.store_suite import StoreSuite


class TestSqliteStore(StoreSuite):
    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/store.db"
