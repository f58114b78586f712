"""Each way in which an org misbehaves, as something that is done to a case before it is read."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from connectors.sandbox.clock import Stamp
from connectors.sandbox.faults import Drop, Effect, Meanwhile, Reply, Rewrite, delay, exhaust_quota, expire_sessions
from connectors.sandbox.org import Org
from connectors.sandbox.wire import WireResponse
from tests.contract.salesforce_case import SalesforceCase

#: Calls that bring rows, by REST or by bulk jobs, and polls of those.
READS = r"/jobs/query|/composite$|/queryAll"
POLLS = r"/jobs/query/\w+$|/composite$"


def again_and_again(case: SalesforceCase, effect: Effect, *, path: str = READS, every: int = 2, often: int = 8) -> None:
    """The effect at every second of the calls that bring rows."""
    for number in range(often):
        case.faults.add(effect, path=path, after=number * every + 1)


def sessions_expire(case: SalesforceCase) -> None:
    again_and_again(case, expire_sessions())


def polls_are_unavailable(case: SalesforceCase) -> None:
    again_and_again(case, Reply(status=503, body=b"<html>down</html>"), path=POLLS)


def polls_are_dropped(case: SalesforceCase) -> None:
    again_and_again(case, Drop(), path=POLLS)
    again_and_again(case, Drop(keep=90), every=3)


def transactions_commit_late(case: SalesforceCase) -> None:
    """While rows are read, others become visible with stamps of up to nine minutes ago."""
    rng = Random(5)
    again_and_again(case, Meanwhile(act=lambda org: _late(org, rng)), every=1, often=12)


def stamps_are_equal(case: SalesforceCase) -> None:
    """Hundreds of rows with one stamp, over pages of nine."""
    at = case.org.now()
    for name in ("Account", "Contact", "Lead", "Task", "Event", "Opportunity"):
        with case.org.lock:
            for record in list(case.org.scan(name)):
                case.org.update(name, record.id, {"Description": "same"} if name != "Event" else {}, at=at)
    case.org.settings["query_page"] = 9


def pages_are_partial(case: SalesforceCase) -> None:
    case.org.settings["query_page"] = 6
    case.org.settings["bulk_page"] = 6


def quota_is_exhausted(case: SalesforceCase) -> None:
    case.faults.add(exhaust_quota(), path=READS, after=2)


def bodies_are_called_latin_1(case: SalesforceCase) -> None:
    """UTF-8 under a header that says otherwise, which requests takes at its word."""
    accented(case)
    case.faults.add(Rewrite(change=called_latin_1), path=READS, times=None)


def bodies_are_latin_1(case: SalesforceCase) -> None:
    """For a while something on the way turns every body into latin-1."""
    accented(case)
    case.faults.add(Rewrite(change=_in_latin_1), path=READS, times=5)


def answers_are_slow(case: SalesforceCase) -> None:
    """Half a minute each, during which the org goes on."""
    rng = Random(6)
    again_and_again(case, delay(30))
    again_and_again(case, Meanwhile(act=lambda org: _late(org, rng, seconds=1)), every=3)


#: Name of the fault -> what is done. Lock contention is one of writing.
FAULTS: dict[str, Callable[[SalesforceCase], None]] = {
    act.__name__.replace("_", " "): act
    for act in (
        sessions_expire,
        polls_are_unavailable,
        polls_are_dropped,
        transactions_commit_late,
        stamps_are_equal,
        pages_are_partial,
        quota_is_exhausted,
        bodies_are_called_latin_1,
        bodies_are_latin_1,
        answers_are_slow,
    )
}


def accented(case: SalesforceCase) -> None:
    """Names that latin-1 and UTF-8 write differently."""
    for name in ("Contact", "Lead"):
        for number, record in enumerate(list(case.org.scan(name))[:5]):
            case.org.update(name, record.id, {"LastName": f"Müllér{'abcde'[number]} Straße"})
    for record in list(case.org.scan("Account"))[:3]:
        case.org.update("Account", record.id, {"Name": f"Société Générale {record.id[-5:]}"})


def _late(org: Org, rng: Random, *, seconds: int = 540) -> None:
    found = [record for record in org.scan("Lead") if not record.get("IsConverted")]
    record = rng.choice(found)
    at: Stamp = org.now() - rng.randrange(seconds) * 1000
    values = {"Title": f"Late {rng.randrange(10**6)}"}
    org.update("Lead", record.id, values, at=max(at, record.system_at))


def called_latin_1(response: WireResponse) -> WireResponse:
    """UTF-8 under another name."""
    kind = response.headers.get("Content-Type", "text/csv").partition(";")[0]
    headers = {**response.headers, "Content-Type": f"{kind};charset=ISO-8859-1"}
    return WireResponse(status=response.status, headers=headers, body=response.body)


def _in_latin_1(response: WireResponse) -> WireResponse:
    body = response.body.decode("utf-8").encode("latin-1", errors="replace")
    return WireResponse(status=response.status, headers=response.headers, body=body)
