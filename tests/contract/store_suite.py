"""What every database must do: bind `StoreSuite` to one by giving it an address.

The cases stand in `store_*_cases.py`, one subject a file.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.store.open import open_store
from sync.store.unit import Store
from tests.contract.store_activity_cases import ActivityCases
from tests.contract.store_contact_cases import ContactCases
from tests.contract.store_frame_cases import FrameCases
from tests.contract.store_past_cases import PastCases
from tests.contract.store_record_cases import RecordCases
from tests.contract.store_unit_cases import UnitCases
from tests.contract.store_work_cases import WorkCases
from tests.fakes import FakeClock


class StoreSuite(UnitCases, ContactCases, RecordCases, ActivityCases, WorkCases, FrameCases, PastCases):
    """All cases; a binding gives the fixture `address`, the URL of an empty database."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def store(self, address: str, clock: FakeClock) -> Iterator[Store]:
        store = open_store(address, clock=clock)
        yield store
        store.close()
