"""Every fault that the sandbox knows, by REST and by bulk jobs, in first loads and afterwards: the reader ends equal to the org."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from connectors.errors import QuotaSpent
from connectors.port import WriteOutcome, WriteRequest
from connectors.records import Ref, Stream
from connectors.salesforce import SalesforceConnector
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.faults import Drop, Effect, Reply, Rewrite, delay, exhaust_quota, expire_sessions
from connectors.sandbox.population import REFERENCE_DAY, Population, generate
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.seed_salesforce import salesforce_org
from connectors.sandbox.server import SandboxServer, Vendor
from tests.contract.connector_case import PASSING, Replica
from tests.contract.salesforce_case import NOW, SalesforceCase, equals
from tests.contract.salesforce_faults import FAULTS, called_latin_1

_BY_REST, _BY_BULK = 2000, 0


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture(scope="module")
def few() -> Population:
    return generate(18, 11, REFERENCE_DAY)


#: What follows a load by bulk jobs comes by REST, through the same fault; first loads by REST are told apart in long runs.
_WAYS = [pytest.param(_BY_BULK, id="bulk"), pytest.param(_BY_REST, id="rest", marks=pytest.mark.slow)]


@pytest.fixture(params=_WAYS)
def case(request: pytest.FixtureRequest, server: SandboxServer, few: Population) -> Iterator[SalesforceCase]:
    made = SmallCase(server, few, bulk_threshold=request.param)
    yield made
    made.close()
    server.unmount("small")


class SmallCase(SalesforceCase):
    """A dozen people, for many runs."""

    def __init__(self, server: SandboxServer, population: Population, *, bulk_threshold: int) -> None:
        self._bulk_threshold = bulk_threshold
        self.org = salesforce_org(population, clock=OrgClock.frozen_at(NOW))
        self.site = server.mount("small", vendor=Vendor.SALESFORCE, org=self.org, dialect=SalesforceDialect(self.org))
        self.faults = self.site.faults
        self._made: list[SalesforceConnector] = []
        self._add_opportunities()


def _drain(case: SalesforceCase, connector: SalesforceConnector, replica: Replica, stream: Stream, cursor: str) -> str:
    """As a run does: passing errors are met again at the same cursor, a spent day is waited for."""
    for _ in range(400):
        try:
            page = connector.read(stream, cursor)
        except PASSING:
            case.advance(2)
            continue
        except QuotaSpent:
            case.advance(86_400)
            continue
        replica.apply(page)
        cursor = page.next
        if not page.more:
            return cursor
    raise AssertionError("the stream never ends")


def _changes(case: SalesforceCase) -> None:
    """One of each: changed, new, deleted."""
    renamed, deleted = case.pick(2)
    case.rename(renamed, "Changed")
    case.delete(deleted)
    seller = case.org.settings["sellers"][0]
    case.org.create("Lead", {"LastName": "New", "Company": "New Ltd", "OwnerId": seller})
    for record in list(case.org.scan("Account"))[:2]:
        case.org.update("Account", record.id, {"Website": "https://changed.example"})
    for record in list(case.org.scan("Opportunity"))[:2]:
        case.org.update("Opportunity", record.id, {"Amount": 4321})
    for record in list(case.org.scan("Task"))[:2]:
        case.org.delete("Task", record.id)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_after_a_faulty_load_and_a_faulty_cycle_the_reader_equals_the_org(
    case: SalesforceCase, fault: Callable[[SalesforceCase], None]
) -> None:
    fault(case)
    connector = case.connector(page_size=40)
    replicas = {stream: Replica() for stream in Stream}
    cursors = {}
    for stream, replica in replicas.items():
        cursors[stream] = _drain(case, connector, replica, stream, connector.start(stream))
    case.faults.clear()
    case.advance(600)
    _changes(case)
    fault(case)
    case.advance(30)
    for stream, replica in replicas.items():
        cursors[stream] = _drain(case, connector, replica, stream, cursors[stream])
    case.faults.clear()
    case.advance(30)

    for stream, replica in replicas.items():
        _drain(case, connector, replica, stream, cursors[stream])
        equals(case, replica, stream)
        assert replica.bad == []


# ---- writing ----


def _six(case: SalesforceCase) -> list[Ref]:
    found = [Ref(object="Contact", id=record.id) for record in case.org.scan("Contact")]
    found += [Ref(object="Lead", id=record.id) for record in case.org.scan("Lead") if not record.get("IsConverted")]
    assert len(found) >= 6
    return found[:6]


def _write(connector: SalesforceConnector, requests: list[WriteRequest], case: SalesforceCase) -> int:
    """As the outbox does: what was not accepted is due again. The number of attempts."""
    left = list(requests)
    for attempt in range(1, 20):
        try:
            results = connector.write(left)
        except PASSING:
            case.advance(5)
            continue
        except QuotaSpent:
            case.advance(86_400)
            continue
        left = [each for each, result in zip(left, results, strict=True) if result.outcome is WriteOutcome.DEFERRED]
        assert {result.outcome for result in results} <= {WriteOutcome.ACCEPTED, WriteOutcome.DEFERRED}
        if not left:
            return attempt
        case.advance(5)
        case.org.settings["locked_rows"] = set(list(case.org.settings.get("locked_rows", set()))[1:])
    raise AssertionError("not everything was written")


@pytest.mark.parametrize("case", [_BY_REST], indirect=True, ids=["rest"])
def test_rows_that_are_locked_are_written_when_they_are_free(case: SalesforceCase) -> None:
    connector = case.connector()
    connector.apply_fields()
    refs = _six(case)
    case.org.settings["locked_rows"] = {ref.id for ref in refs[:3]}

    attempts = _write(connector, [WriteRequest(ref=ref, values={"score": n}) for n, ref in enumerate(refs)], case)

    assert attempts == 4
    assert [case.held(ref, "score") for ref in refs] == list(range(6))


@pytest.mark.parametrize("case", [_BY_REST], indirect=True, ids=["rest"])
@pytest.mark.parametrize(
    "effect",
    [
        expire_sessions(),
        exhaust_quota(),
        Reply(status=503),
        Drop(),
        Drop(apply=True),
        Rewrite(change=called_latin_1),
        delay(40),
    ],
    ids=["session ended", "quota exhausted", "unavailable", "dropped", "done but dropped", "latin-1", "slow"],
)
def test_a_write_through_a_fault_ends_with_the_right_values(case: SalesforceCase, effect: Effect) -> None:
    connector = case.connector()
    connector.apply_fields()
    refs = _six(case)
    case.faults.add(effect, path="/composite/sobjects", times=1)

    _write(connector, [WriteRequest(ref=ref, values={"score": n}) for n, ref in enumerate(refs)], case)

    assert [case.held(ref, "score") for ref in refs] == list(range(6))
