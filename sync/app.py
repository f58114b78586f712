"""The composition root: Settings in, App out. The only place that knows which connector class serves which kind of CRM."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from config.errors import SettingsError
from config.settings import HubSpotConnection, SalesforceConnection
from connectors.mapping import FieldMap, load_field_map
from scoring.vocabulary import ACTIVITY_KINDS
from sync.api_calls import recall_calls
from sync.clock import Clock, SystemClock
from sync.holder import own_holder
from sync.scoring_model import ModelInForce, read_models
from sync.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from config.settings import Connection, Settings
    from connectors.hubspot.settings import HubSpotSettings
    from connectors.port import Connector, Usage
    from connectors.salesforce.settings import SalesforceSettings
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Store


__all__ = ["App", "ConnectorFactory", "ModelInForce", "open_app", "vendor_connector"]


class ConnectorFactory(Protocol):
    """How tests put other connectors in place."""

    def __call__(self, name: str, connection: Connection, field_map: FieldMap, clock: Clock) -> Connector:
        """A connector for one configured connection."""
        ...


@dataclass(kw_only=True)
class App:
    """Everything that actions and runs need. Connectors and the model are made when first used."""

    settings: Settings
    store: Store
    #: The workspace of this installation.
    workspace_no: int
    clock: Clock
    make_connector: ConnectorFactory
    #: Who we are, for leases and runs.
    holder: str = field(default_factory=own_holder)
    #: (connection, code) -> how often runs of this process met it.
    errors_met: Counter[tuple[str, str]] = field(default_factory=Counter)
    _connectors: dict[str, Connector] = field(default_factory=dict)
    _field_maps: dict[str, FieldMap] = field(default_factory=dict)
    #: API calls of each connector that were reported already.
    _counted: dict[str, Counter[str]] = field(default_factory=dict)
    #: API calls of each connector by hour that the store holds already.
    _kept: dict[str, Counter[datetime]] = field(default_factory=dict)

    @cached_property
    def model(self) -> ModelInForce:
        """What scores here: a model, or several by segment. Raises ModelError with file, line and column of every problem."""
        return read_models(self.settings)

    def connection(self, name: str) -> ConnectionRow:
        """The stored side of a configured connection; registered when it is new."""
        self._configured(name)
        return self.connections([name])[name]

    def connections(self, names: Iterable[str]) -> dict[str, ConnectionRow]:
        """The stored side of configured connections by name; those that are new are registered."""
        with self.store.read() as unit:
            known = {row.name: row for row in unit.connections.all(self.workspace_no)}
        found = {}
        for name in names:
            if name not in known:
                with self.store.write() as unit:
                    known[name] = unit.connections.register(self.workspace_no, name, self._configured(name).kind)
            found[name] = known[name]
        return found

    def connector(self, name: str) -> Connector:
        """The connector of a configured connection."""
        if name not in self._connectors:
            connection = self._configured(name)
            connector = self.make_connector(name, connection, self.field_map(name), self.clock)
            recall_calls(self, name, connector)
            self._connectors[name] = connector
        return self._connectors[name]

    def connectors_in_use(self) -> frozenset[str]:
        """Connections that a connector was made for."""
        return frozenset(self._connectors)

    def fresh_calls(self, name: str, usage: Usage) -> Counter[str]:
        """API calls by kind since this was asked last."""
        now = Counter(usage.calls_by_kind)
        fresh = now - self._counted.get(name, Counter())
        self._counted[name] = now
        return fresh

    def fresh_hours(self, name: str, now: Counter[datetime]) -> Counter[datetime]:
        """API calls by hour that were not kept yet."""
        fresh = now - self._kept.get(name, Counter())
        self._kept[name] = now
        return fresh

    def field_map(self, name: str) -> FieldMap:
        """The field map of a configured connection. Raises NeedsAttention(code="configuration")."""
        if name not in self._field_maps:
            self._configured(name)
            path = self.settings.fields_path(name)
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(
                    f"{path}: the field map cannot be read: {error}", next_step="correct `fields:`"
                ) from None
            self._field_maps[name] = load_field_map(text, name=str(path), kinds=frozenset(ACTIVITY_KINDS))
        return self._field_maps[name]

    def brings(self) -> dict[str, frozenset[str]]:
        """Kind of CRM -> activity kinds that its activity maps can bring."""
        found: dict[str, frozenset[str]] = {}
        for name, connection in self.settings.connections.items():
            found[connection.kind] = found.get(connection.kind, frozenset()) | self.field_map(name).mapped_kinds()
        return found

    def names(self, only: str | None = None) -> list[str]:
        """Configured connections, or the one that is meant."""
        if only is None:
            if not self.settings.connections:
                raise SettingsError(
                    "no connection is configured", next_step=f"add one under connections: in {self.settings.source}"
                )
            return list(self.settings.connections)
        self._configured(only)
        return [only]

    def close_connectors(self) -> None:
        """Release connections."""
        for connector in self._connectors.values():
            connector.close()
        self._connectors.clear()

    def close(self) -> None:
        """Release connections and the store."""
        self.close_connectors()
        self.store.close()

    def _configured(self, name: str) -> Connection:
        try:
            return self.settings.connections[name]
        except KeyError:
            known = ", ".join(self.settings.connections) or "none"
            raise SettingsError(
                f"there is no connection {name!r} in {self.settings.source}; known: {known}",
                next_step="name one of them",
            ) from None


def open_app(settings: Settings, *, clock: Clock | None = None, make_connector: ConnectorFactory | None = None) -> App:
    """Open the store (and migrate a new one) and wire everything to it; connect to nothing yet."""
    clock = clock or SystemClock()
    store = open_store(settings.store_url(), clock=clock)
    with store.write() as unit:
        workspace_no = unit.connections.workspace(settings.workspace)
    return App(
        settings=settings,
        store=store,
        workspace_no=workspace_no,
        clock=clock,
        make_connector=make_connector or vendor_connector,
    )


def vendor_connector(name: str, connection: Connection, field_map: FieldMap, clock: Clock) -> Connector:
    """The real connector of a connection; the vendors' libraries are loaded by those who use them."""
    match connection:
        case SalesforceConnection():
            from connectors.salesforce.connector import SalesforceConnector

            return SalesforceConnector(
                _salesforce(name, connection),
                field_map,
                clock=clock.now,
                session_host=connection.host,
                sleep=clock.sleep,
            )
        case HubSpotConnection():
            from connectors.hubspot.connector import HubSpotConnector

            return HubSpotConnector(_hubspot(name, connection), field_map, clock=clock.now, sleep=clock.sleep)


def _salesforce(name: str, connection: SalesforceConnection) -> SalesforceSettings:
    from connectors.salesforce.settings import SalesforceSettings

    return SalesforceSettings(
        name=name,
        domain=connection.domain,
        client_id=connection.client_id.value(),
        client_secret=connection.client_secret.value() if connection.client_secret else None,
        username=connection.username,
        private_key=connection.private_key.value() if connection.private_key else None,
        api_version=connection.api_version,
        daily_share=connection.daily_share / 100,
        overlap=timedelta(minutes=connection.overlap_minutes),
        bulk_threshold=connection.bulk_threshold,
        timeout=connection.timeout,
        proxy=connection.proxy,
        verify=str(connection.ca_bundle) if connection.ca_bundle else True,
    )


def _hubspot(name: str, connection: HubSpotConnection) -> HubSpotSettings:
    from connectors.hubspot.settings import Feature, HubSpotSettings, Paths

    return HubSpotSettings(
        name=name,
        token=connection.token.value,
        host=connection.host,
        paths=Paths(connection.paths),
        daily_share=connection.daily_share / 100,
        lookback=timedelta(seconds=connection.lookback_seconds),
        search_per_second=connection.searches_per_second,
        email_events=Feature(connection.email_events),
        events=Feature(connection.events),
        forms=Feature(connection.forms),
        events_lookback=timedelta(minutes=connection.events_lookback_minutes),
        archived_every=timedelta(minutes=connection.archived_every_minutes),
        forms_every=timedelta(minutes=connection.forms_every_minutes),
        read_timeout=connection.timeout,
    )
