"""First loads by bulk jobs: resumed at every place, through every fault, with one job where one is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

import pytest

from connectors.errors import NeedsAttention
from connectors.records import ContactRecord, Ref, Stream
from connectors.salesforce import SalesforceConnector
from connectors.salesforce.cursor import Cursor, load_cursor
from connectors.sandbox.faults import Drop, Effect, Meanwhile, Reply, Truncate, expire_sessions
from connectors.sandbox.server import SandboxServer
from tests.contract.connector_case import PASSING, Replica
from tests.contract.salesforce_case import SalesforceBulkCase, equals


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer) -> Iterator[SalesforceBulkCase]:
    made = SalesforceBulkCase(server)
    yield made
    made.close()
    server.unmount("org")


def _jobs(case: SalesforceBulkCase) -> tuple[int, int]:
    """Jobs made and jobs deleted."""
    made = case.org.requests.count(method="POST", path="/jobs/query", status=200)
    return made, case.org.requests.count(method="DELETE", path="/jobs/query", status=204)


def _load(case: SalesforceBulkCase, stream: Stream, *, page_size: int = 60) -> Replica:
    replica, connector = Replica(), case.connector(page_size=page_size)
    replica.drain(connector, stream, connector.start(stream), faulty=True)
    return replica


def _refusal(status: int, code: str) -> Reply:
    return Reply(status=status, payload=[{"message": "no", "errorCode": code}])


# ---- the ordinary way ----


@pytest.mark.parametrize("stream", list(Stream))
def test_each_object_takes_one_job_that_is_given_back(case: SalesforceBulkCase, stream: Stream) -> None:
    objects = {"contacts": 2, "accounts": 1, "activities": 4, "opportunities": 1}[stream.value]

    replica = _load(case, stream)

    assert _jobs(case) == (objects, objects)
    assert len(replica.records) == len(case.truth(stream))


def test_below_the_threshold_rest_reads(case: SalesforceBulkCase) -> None:
    contacts = case.org.count("Contact")
    leads = case.org.count("Lead")
    assert leads > contacts
    connector = case.made(case.settings(bulk_threshold=contacts))
    replica = Replica()

    replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))

    assert _jobs(case) == (1, 1)
    equals(case, replica, Stream.CONTACTS)


def test_changes_after_the_load_come_by_rest(case: SalesforceBulkCase) -> None:
    connector, replica = case.connector(), Replica()
    cursor = replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))
    for number, ref in enumerate(case.pick(3)):
        case.advance(30)
        case.rename(ref, f"New{'abc'[number]}")
        cursor = replica.drain(connector, Stream.CONTACTS, cursor)

    assert _jobs(case) == (2, 2)
    equals(case, replica, Stream.CONTACTS)


def test_the_mark_moves_only_behind_the_last_row_and_to_the_moment_of_the_first_job(case: SalesforceBulkCase) -> None:
    connector = case.connector(page_size=60)
    cursor, began = connector.start(Stream.CONTACTS), case.org.clock.now() / 1000
    marks = []
    more = True
    while more:
        page = connector.read(Stream.CONTACTS, cursor)
        cursor, more = page.next, page.more
        case.advance(5)
        marks.append(load_cursor(cursor).mark)

    assert len(marks) > 4
    assert set(marks[:-1]) == {None}
    last = marks[-1]
    assert last is not None
    assert began - 3 <= last.timestamp() <= began


def test_a_job_that_takes_long_lets_others_work_in_between(case: SalesforceBulkCase) -> None:
    case.org.settings["bulk_seconds"] = 100
    connector = case.connector()
    page = connector.read(Stream.ACCOUNTS, connector.start(Stream.ACCOUNTS))
    waits = 0
    while not page.records:
        before = case.org.clock.now()
        page = connector.read(Stream.ACCOUNTS, page.next)
        assert page.more
        assert case.org.clock.now() - before <= 21_000
        waits += 1

    assert waits > 4
    polls = case.org.requests.count(method="GET", path="/jobs/query/{id}") - 1
    assert polls < 20
    assert _jobs(case) == (1, 0)


# ---- kills ----


@pytest.mark.parametrize("stream", list(Stream))
def test_killed_at_every_place_it_goes_on_there(case: SalesforceBulkCase, stream: Stream) -> None:
    """Every page is read twice: once by a process that dies before it is stored, once by the next process."""
    whole = _load(case, stream, page_size=50)
    made = _jobs(case)[0]
    replica, cursor, more = Replica(), case.connector().start(stream), True
    while more:
        case.connector(page_size=50).read(stream, cursor)
        page = case.connector(page_size=50).read(stream, cursor)
        replica.apply(page)
        cursor, more = page.next, page.more

    assert replica.rows == whole.rows
    # Only jobs whose ids died with the process were made twice.
    assert _jobs(case)[0] == 3 * made
    equals(case, replica, stream)


def test_killed_after_the_last_row_was_stored_the_job_is_still_given_back(case: SalesforceBulkCase) -> None:
    connector = case.connector(page_size=2000)
    cursor = connector.start(Stream.ACCOUNTS)
    page = connector.read(Stream.ACCOUNTS, cursor)
    page = connector.read(Stream.ACCOUNTS, page.next)
    assert page.records
    assert page.more
    assert _jobs(case) == (1, 0)

    last = case.connector().read(Stream.ACCOUNTS, page.next)

    assert (last.more, last.records) == (False, ())
    assert _jobs(case) == (1, 1)


# ---- faults ----

_EFFECTS: dict[str, Callable[[], Effect]] = {
    "unavailable": lambda: Reply(status=503, body=b"<html>down</html>"),
    "dropped": Drop,
    "cut off": lambda: Drop(keep=50),
    "done but dropped": lambda: Drop(apply=True),
    "shortened": lambda: Truncate(keep=200),
    "session ended": expire_sessions,
}


@pytest.mark.parametrize("effect", _EFFECTS.values(), ids=_EFFECTS)
@pytest.mark.parametrize("path", ["/jobs/query$", r"/jobs/query/\w+$", "/results", "/composite$"])
def test_faults_at_every_call_lose_nothing(case: SalesforceBulkCase, path: str, effect: Callable[[], Effect]) -> None:
    for after in (0, 2, 5):
        case.faults.add(effect(), path=path, after=after)

    replica = _load(case, Stream.ACTIVITIES, page_size=150)

    equals(case, replica, Stream.ACTIVITIES)
    assert replica.bad == []


@pytest.mark.parametrize("effect", ["unavailable", "dropped", "session ended"])
@pytest.mark.parametrize("path", [r"/jobs/query/\w+$", "/results"])
def test_a_fault_while_polling_or_reading_does_not_cost_the_job(
    case: SalesforceBulkCase, path: str, effect: str
) -> None:
    for after in (0, 2, 5):
        case.faults.add(_EFFECTS[effect](), path=path, after=after)

    _load(case, Stream.CONTACTS, page_size=40)

    assert _jobs(case)[0] == 2


@pytest.mark.parametrize("stream", list(Stream))
def test_a_failed_job_is_made_again(case: SalesforceBulkCase, stream: Stream) -> None:
    case.org.settings["bulk_fails"] = 2

    replica = _load(case, stream)

    equals(case, replica, stream)


def test_an_object_whose_jobs_always_fail_is_read_by_rest(case: SalesforceBulkCase) -> None:
    case.org.settings["bulk_fails"] = 1000

    replica = _load(case, Stream.CONTACTS)

    assert _jobs(case) == (6, 6)
    equals(case, replica, Stream.CONTACTS)


@pytest.mark.parametrize(
    "reply",
    [_refusal(400, "INVALID_QUERY_LOCATOR"), _refusal(404, "NOT_FOUND"), _refusal(409, "VERSION_MISMATCH")],
    ids=["expired locator", "lost job", "other version"],
)
def test_results_that_cannot_be_had_any_more_are_asked_for_anew(case: SalesforceBulkCase, reply: Reply) -> None:
    case.faults.add(reply, path="/results", after=2)

    replica = _load(case, Stream.CONTACTS, page_size=40)

    assert _jobs(case)[0] == 3
    equals(case, replica, Stream.CONTACTS)


def test_a_job_older_than_seven_days_is_made_again(case: SalesforceBulkCase) -> None:
    connector, replica = case.connector(page_size=40), Replica()
    page = connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS))
    for _ in range(2):
        page = connector.read(Stream.CONTACTS, page.next)
        replica.apply(page)
    case.advance(8 * 86_400)

    replica.drain(case.connector(page_size=40), Stream.CONTACTS, page.next)

    equals(case, replica, Stream.CONTACTS)


def test_an_upgrade_of_the_api_version_in_the_middle_costs_one_more_job(case: SalesforceBulkCase) -> None:
    connector, replica = case.connector(page_size=5), Replica()
    page = connector.read(Stream.ACCOUNTS, connector.start(Stream.ACCOUNTS))
    page = connector.read(Stream.ACCOUNTS, page.next)
    newer = case.made(case.settings(page_size=5, api_version="67.0"))

    replica.drain(newer, Stream.ACCOUNTS, page.next)

    assert _jobs(case)[0] == 2
    equals(case, replica, Stream.ACCOUNTS)


@pytest.mark.parametrize(
    "reply",
    [
        _refusal(400, "INVALIDENTITY"),
        _refusal(403, "FUNCTIONALITY_NOT_ENABLED"),
        _refusal(404, "NOT_FOUND"),
        _refusal(403, "REQUEST_LIMIT_EXCEEDED"),
    ],
    ids=["entity", "feature", "resource", "limit"],
)
def test_an_org_that_refuses_jobs_is_read_by_rest(case: SalesforceBulkCase, reply: Reply) -> None:
    case.faults.add(reply, method="POST", path="/jobs/query", times=None)

    replica = _load(case, Stream.CONTACTS)

    assert _jobs(case) == (0, 0)
    equals(case, replica, Stream.CONTACTS)


def test_credentials_that_end_in_the_middle_need_attention_and_keep_the_job(case: SalesforceBulkCase) -> None:
    connector = case.connector(page_size=40)
    page = connector.read(Stream.ACCOUNTS, connector.start(Stream.ACCOUNTS))
    case.org.credentials["client_secret"] = "changed"
    case.expire_sessions()

    with pytest.raises(NeedsAttention) as caught:
        connector.read(Stream.ACCOUNTS, page.next)

    assert caught.value.code == "credentials"
    case.org.credentials["client_secret"] = "sandbox-secret"
    replica = Replica()
    replica.drain(case.connector(page_size=40), Stream.ACCOUNTS, page.next)
    assert _jobs(case)[0] == 1
    equals(case, replica, Stream.ACCOUNTS)


# ---- an org that never stands still ----


def _at_random(case: SalesforceBulkCase, rng: Random) -> None:
    case.org.settings["bulk_seconds"] = rng.choice((0, 0, 3, 45))
    case.org.settings["bulk_fails"] = rng.choice((0, 0, 1))
    for _ in range(12):
        effect = _EFFECTS[rng.choice(list(_EFFECTS))]()
        case.faults.add(effect, path="/jobs/query|/composite$", after=rng.randrange(40))
    leads = case.pick(40)

    def changed(_: object) -> None:
        ref = rng.choice(leads)
        case.advance(rng.randrange(20))
        if rng.random() < 0.2 and not case.org.get(ref.object, ref.id).deleted:
            case.delete(ref)
        else:
            case.rename(ref, f"Name{rng.randrange(10**6)}")

    for _ in range(15):
        case.faults.add(Meanwhile(act=changed), path="/jobs/query|/composite$", after=rng.randrange(40))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_during_the_load_the_reader_ends_equal_to_the_org(case: SalesforceBulkCase, seed: int) -> None:
    rng = Random(seed)
    _at_random(case, rng)
    replica, cursor, more = Replica(), case.connector().start(Stream.CONTACTS), True
    connector: SalesforceConnector = case.connector(page_size=25)
    while more:
        if rng.random() < 0.3:
            connector = case.connector(page_size=rng.choice((20, 25, 60)))
        try:
            page = connector.read(Stream.CONTACTS, cursor)
        except PASSING:
            continue
        if rng.random() < 0.2:
            continue  # killed before the page was stored
        replica.apply(page)
        cursor, more = page.next, page.more
        assert replica.pages < 500
    case.faults.clear()
    case.advance(2)

    replica.drain(case.connector(), Stream.CONTACTS, cursor)

    equals(case, replica, Stream.CONTACTS)


def test_an_overlap_is_kept_between_the_load_and_the_first_cycle(case: SalesforceBulkCase) -> None:
    connector, replica = case.connector(), Replica()
    cursor = replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))
    mark = load_cursor(cursor).mark
    assert mark is not None
    assert load_cursor(cursor) == Cursor(mark=mark, checked=mark)
    (ref,) = case.pick(1)
    case.rename(ref, "Lately", at=mark - timedelta(seconds=300))

    replica.drain(connector, Stream.CONTACTS, cursor)

    record = replica.records[Ref(object=ref.object, id=ref.id)]
    assert isinstance(record, ContactRecord)
    assert record.attributes["last_name"] == "Lately"
