"""The numbers in Prometheus' words: what the store holds now, and what the tally has counted. No personal data, few labels."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from sync.watch.health import Severity, findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client.metrics_core import Metric

    from sync.watch.health import ConnectionFacts, Facts
    from sync.watch.tally import Durations, Tally


def exposition(facts: Facts, tally: Tally, errors: Mapping[tuple[str, str], int]) -> bytes:
    """The page that Prometheus reads.

    Args:
        facts: How things stand.
        tally: What was done.
        errors: (connection, code) -> how often this process met it.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Page([*_now(facts), *_since(tally, errors)]))
    return generate_latest(registry)


class _Page:
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


_OF_CONNECTIONS: dict[str, tuple[str, Callable[[ConnectionFacts], float | None]]] = {
    "outbox_due": ("Records that could be written now.", lambda one: one.due),
    "dead_letters": ("Records that the CRM refused.", lambda one: one.refused),
    "quarantined": ("Records that could not be mapped.", lambda one: one.quarantined),
    "paused_scopes": ("Parts that wait for a human.", lambda one: len(one.pauses)),
    "writes_on": ("Whether scores are written.", lambda one: one.writes == "on"),
    "loaded": ("Whether all first loads are complete.", lambda one: one.loaded),
    "round_success_timestamp_seconds": (
        "When a round last came to its end.",
        lambda one: one.round_at.timestamp() if one.round_at else None,
    ),
    "write_accepted_timestamp_seconds": (
        "When the CRM last accepted a write, of the last two days.",
        lambda one: one.accepted_at.timestamp() if one.accepted_at else None,
    ),
    "api_calls_last_day": ("Our API calls of the last 24 hours.", lambda one: one.calls),
    "api_share": ("API calls of a day that are ours.", lambda one: one.share),
    "api_share_used_ratio": (
        "How much of our share of the day is used.",
        lambda one: one.calls / one.share if one.share else None,
    ),
}


def _now(facts: Facts) -> Iterator[Metric]:
    for name, (text, value) in _OF_CONNECTIONS.items():
        found = GaugeMetricFamily(f"leadgrade_{name}", text, labels=["connection"])
        for one in facts.connections:
            if (number := value(one)) is not None:
                found.add_metric([one.name], float(number))
        yield found
    age = GaugeMetricFamily(
        "leadgrade_outbox_oldest_due_seconds", "How long the oldest due record has waited.", labels=["connection"]
    )
    moved = GaugeMetricFamily(
        "leadgrade_stream_moved_timestamp_seconds", "When a cursor last moved.", labels=["connection", "stream"]
    )
    for one in facts.connections:
        waited = (facts.now - one.due_since).total_seconds() if one.due and one.due_since else 0.0
        age.add_metric([one.name], max(0.0, waited))
        for stream in one.streams:
            moved.add_metric([one.name, stream.name], stream.moved_at.timestamp())
    yield age
    yield moved
    epochs = GaugeMetricFamily("leadgrade_lease_epoch", "Epoch of a lease that is held.", labels=["lease"])
    held = [("rescoring", facts.epoch), *((one.name, one.epoch) for one in facts.connections)]
    for lease, epoch in held:
        if epoch is not None:
            epochs.add_metric([lease], float(epoch))
    yield epochs
    yield GaugeMetricFamily("leadgrade_people_dirty", "People to be scored.", value=float(facts.dirty))
    if facts.scored_for is not None:
        midnight = datetime.combine(facts.scored_for, time(), UTC).timestamp()
        yield GaugeMetricFamily(
            "leadgrade_scored_day_timestamp_seconds", "Day of everybody's scores, as midnight UTC.", value=midnight
        )
    waiting = GaugeMetricFamily("leadgrade_runs_open", "Runs that are not at their end.", labels=["status"])
    for status in ("queued", "running", "suspended", "held"):
        waiting.add_metric([status], float(facts.open_runs.get(status, 0)))
    yield waiting
    told = findings(facts)
    counted = GaugeMetricFamily("leadgrade_findings", "What health finds.", labels=["severity"])
    for severity in Severity:
        counted.add_metric([severity.value], float(sum(each.severity is severity for each in told)))
    yield counted


def _since(tally: Tally, errors: Mapping[tuple[str, str], int]) -> Iterator[Metric]:
    yield _counter("runs", "Runs that ended.", ("kind", "outcome"), tally.runs)
    yield _counter("records_pulled", "Records that came from the CRM.", ("connection", "stream"), tally.pulled)
    yield _counter(
        "activities_stored",
        "Activities that were new or had changed.",
        ("connection",),
        {(name,): many for name, many in tally.activities.items()},
    )
    yield CounterMetricFamily("leadgrade_people_scored", "People that were scored.", value=float(tally.scored))
    yield _counter(
        "deliveries", "Attempts to write, by what became of them.", ("connection", "outcome"), tally.delivered
    )
    yield _counter("refusals", "Refused writes, by the CRM's code.", ("connection", "code"), tally.refusals)
    yield _counter("api_calls", "API calls.", ("connection",), {(name,): many for name, many in tally.calls.items()})
    yield _counter("errors", "Errors that runs met, by code.", ("connection", "code"), errors)
    yield _histogram("run_seconds", "How long runs took.", "kind", tally.run_seconds)
    yield _histogram("slice_seconds", "How long slices took.", "stage", tally.slice_seconds)


def _counter(name: str, text: str, labels: tuple[str, ...], counted: Mapping[Any, int]) -> Metric:
    found = CounterMetricFamily(f"leadgrade_{name}", text, labels=list(labels))
    for values, many in sorted(counted.items()):
        found.add_metric(list(values), float(many))
    return found


def _histogram(name: str, text: str, label: str, counted: Mapping[str, Durations]) -> Metric:
    found = HistogramMetricFamily(f"leadgrade_{name}", text, labels=[label])
    for value, durations in sorted(counted.items()):
        found.add_metric([value], durations.cumulated(), durations.seconds)
    return found
