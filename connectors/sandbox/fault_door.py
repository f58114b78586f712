"""Faults over HTTP, for who is not in the sandbox's process: `GET`, `POST` and `DELETE` of `_faults` below an org's address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox import faults
from connectors.sandbox.faults import Drop, Effect, Faults, Reply, Truncate
from connectors.sandbox.wire import WireRequest, WireResponse

PATH = "/_faults"
_RULE = frozenset({"fault", "method", "path", "after", "times"})
#: Name to effect; what else the request says goes to it by name.
FAULTS: Mapping[str, Callable[..., Effect]] = {
    "cut_body": Truncate,
    "drop": Drop,
    "equal_stamps": faults.equal_stamps,
    "exhaust_quota": faults.exhaust_quota,
    "expire_sessions": faults.expire_sessions,
    "late_commit": faults.late_commit,
    "latin1": faults.latin1,
    "lock_rows": faults.lock_rows,
    "reply": Reply,
    "slow": faults.delay,
    "small_pages": faults.small_pages,
    "unavailable": faults.unavailable,
}


def answer(rules: Faults, request: WireRequest) -> WireResponse:
    """Names, adds or clears the faults of one org."""
    if request.method == "GET":
        return WireResponse.of_json({"faults": sorted(FAULTS)})
    if request.method == "DELETE":
        rules.clear()
        return WireResponse.empty()
    try:
        wanted = request.json() if request.method == "POST" else None
        if not isinstance(wanted, Mapping):
            return _refused('POST a JSON object such as {"fault": "unavailable", "path": "/jobs", "times": 2}')
        effect = FAULTS[wanted["fault"]](**{name: value for name, value in wanted.items() if name not in _RULE})
    except KeyError:
        return _refused(f"fault must be one of {', '.join(sorted(FAULTS))}")
    except (TypeError, ValueError) as error:
        return _refused(str(error))
    rule: dict[str, Any] = {name: wanted[name] for name in ("method", "path", "after", "times") if name in wanted}
    rules.add(effect, **rule)
    return WireResponse.of_json({"added": wanted["fault"]}, status=201)


def _refused(message: str) -> WireResponse:
    return WireResponse.of_json({"error": message}, status=400)
