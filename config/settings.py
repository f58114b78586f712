"""The settings file (`leadgrade.yaml`) and the `LEADGRADE_*` variables, as typed values. Every key is documented here.

Errors name file, line and key. Paths in the file are relative to it.
"""

from __future__ import annotations

import io
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from config.errors import SettingsError
from config.retention import Retention
from config.schedule import ConnectionSchedule, Schedule, TimeText
from config.secrets import Secret
from config.watching import Alerts, Metrics, SecretText

PRESETS = Path(__file__).parent / "presets"
FIELDS = Path(__file__).parent / "fields"

Percent = Annotated[float, Field(gt=0, le=100)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Sample(_Part):
    """Which records are written while writes are on `sample`: listed ones, or all whose attributes have these values."""

    #: `Object:id` or plain ids.
    records: tuple[str, ...] = ()
    #: attribute -> accepted values, for example {country_code: [FR]} or {email_domain: [example.com]}.
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("where"), dict):
            where = {key: [item] if isinstance(item, str) else item for key, item in value["where"].items()}
            return {**value, "where": where}
        return value


class _Connection(_Part):
    #: Field map; the shipped one of the kind when absent.
    fields: Path | None = None
    #: At most this percentage of the CRM's daily API calls is used.
    daily_share: Percent = 50
    #: Seconds for one HTTP call to answer.
    timeout: Annotated[float, Field(gt=0, le=120)] = 60
    sample: Sample = Sample()
    #: What is done when, where it differs from the general `schedule`.
    schedule: ConnectionSchedule = ConnectionSchedule()


class SalesforceConnection(_Connection):
    """One Salesforce org."""

    kind: Literal["salesforce"]
    #: My Domain host, for example acme.my.salesforce.com.
    domain: str
    client_id: SecretText
    #: Client-credentials flow.
    client_secret: SecretText | None = None
    #: JWT bearer flow: user name and PEM key.
    username: str | None = None
    private_key: SecretText | None = None
    api_version: str = "66.0"
    #: Minutes that are read again behind the cursor, against late commits.
    overlap_minutes: Annotated[int, Field(ge=0, le=1440)] = 10
    #: Objects with more rows than this come by Bulk API 2.0 in a first or full load.
    bulk_threshold: Annotated[int, Field(ge=0)] = 2000
    #: Proxy for all calls, such as http://proxy.acme.example:8080; the environment's (HTTPS_PROXY) when absent.
    proxy: str | None = None
    #: Certificates (PEM) that are trusted instead of the usual ones, for a proxy that looks inside.
    ca_bundle: Path | None = None
    #: Where calls go instead of https://<domain>: a loopback sandbox.
    host: str | None = None

    @model_validator(mode="after")
    def _one_flow(self) -> SalesforceConnection:
        if self.client_secret is None and (self.username is None or self.private_key is None):
            message = "give client_secret (client credentials) or username and private_key (JWT bearer)"
            raise ValueError(message)
        return self


class HubSpotConnection(_Connection):
    """One HubSpot portal."""

    kind: Literal["hubspot"]
    #: Service key or private-app token.
    token: SecretText
    host: str = "https://api.hubapi.com"
    #: `dated` uses /2026-09/ paths, `legacy` /crm/v3.
    paths: Literal["dated", "legacy"] = "dated"
    #: Seconds that are read again behind the cursor, against the lag of the search index.
    lookback_seconds: Annotated[int, Field(ge=0, le=86400)] = 120
    #: Searches per second; HubSpot allows five for the whole account.
    searches_per_second: Annotated[int, Field(ge=1, le=5)] = 4
    #: Sources that depend on the plan: auto reads them when the portal has them, on insists, off leaves them out.
    email_events: Literal["auto", "on", "off"] = "auto"
    events: Literal["auto", "on", "off"] = "auto"
    forms: Literal["auto", "on", "off"] = "auto"
    #: Minutes that events are read again behind the cursor: HubSpot takes them in more slowly than changes of records.
    events_lookback_minutes: Annotated[int, Field(ge=0, le=1440)] = 15
    #: Minutes between two looks at the archived records, and at the submissions of all forms (a call per form).
    archived_every_minutes: Annotated[int, Field(ge=0, le=10080)] = 360
    forms_every_minutes: Annotated[int, Field(ge=0, le=10080)] = 15
    #: Days after which a contact that vanished without a trace (a privacy deletion) is forgotten; null: never.
    forget_after_days: Annotated[int, Field(ge=1, le=3650)] | None = 30
    #: Client secret of the app whose webhooks are received; without one there are no webhooks.
    webhook_secret: SecretText | None = None
    #: The address that HubSpot calls, exactly as it is entered there: signatures cover it.
    webhook_url: str | None = None

    @model_validator(mode="after")
    def _whole_webhook(self) -> HubSpotConnection:
        if (self.webhook_secret is None) != (self.webhook_url is None):
            message = "webhook_secret and webhook_url go together"
            raise ValueError(message)
        if self.webhook_url is not None and not self.webhook_url.startswith(("https://", "http://")):
            message = "webhook_url is the full address that HubSpot calls, https://…"
            raise ValueError(message)
        return self


Connection = Annotated[SalesforceConnection | HubSpotConnection, Field(discriminator="kind")]


class Webhooks(_Part):
    """Where webhooks are received, behind whatever ends TLS. Nothing listens unless a connection has a webhook_secret."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8425


class Guard(_Part):
    """A run that would change more than this ends HELD until an admin releases it."""

    #: Percent of written people whose grade, qualified or disqualified would change.
    changes: Percent = 10
    #: Percent of written people whose values would be blanked.
    blanks: Percent = 1
    #: Below this number of people the guard does not hold.
    at_least: Annotated[int, Field(ge=0)] = 25


class ModelEntry(_Part):
    """One of several models: people are scored by the first whose condition holds."""

    #: A file, or preset:NAME.
    model: str
    #: A condition as in a model file, for example {country_code: [DE, AT]}; absent: it holds for everybody.
    when: Any = None


class Settings(BaseSettings):
    """Everything that an admin can set."""

    model_config = SettingsConfigDict(
        env_prefix="LEADGRADE_", env_nested_delimiter="__", extra="forbid", frozen=True, arbitrary_types_allowed=True
    )

    #: sqlite:///FILE (relative to the settings file) or postgresql://…
    store: str = "sqlite:///leadgrade.db"
    workspace: str = "default"
    #: Scoring model: a file, or preset:NAME.
    model: str = "preset:b2b"
    #: Several scoring models instead, in the order in which their conditions are asked.
    models: tuple[ModelEntry, ...] = ()
    connections: dict[str, Connection] = Field(default_factory=dict)
    #: A total that moves by no more than this is not written; 0 writes whatever differs.
    deadband: Annotated[int, Field(ge=0, le=100)] = 3
    guard: Guard = Guard()
    #: When the daemon does what.
    schedule: Schedule = Schedule()
    #: When a new day's scores are computed, where the model is.
    rescore_at: TimeText = time(0, 5)
    webhooks: Webhooks = Webhooks()
    #: What is deleted when it is old.
    retention: Retention = Retention()
    #: Where the daemon serves its health and its numbers.
    metrics: Metrics = Metrics()
    #: Who is told when somebody must act.
    alerts: Alerts = Alerts()
    #: attribute -> name of the connection whose value wins while it is filled.
    believed_attributes: dict[str, str] = Field(default_factory=dict)
    #: activity kind -> kind of CRM whose activities count for people who are in both.
    believed_kinds: dict[str, Literal["salesforce", "hubspot"]] = Field(default_factory=dict)
    #: CSV or Parquet by domain with attributes to fill in.
    reference_table: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    #: The settings file itself; set by `load_settings`.
    source: Path = Path("leadgrade.yaml")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables win over the file."""
        return env_settings, init_settings

    @property
    def folder(self) -> Path:
        """Where relative paths start."""
        return self.source.parent

    def store_url(self) -> str:
        """The store's URL with a file path made absolute."""
        if self.store.startswith("sqlite:///") and not self.store.startswith("sqlite:////"):
            return f"sqlite:///{(self.folder / self.store.removeprefix('sqlite:///')).resolve()}"
        return self.store

    @model_validator(mode="after")
    def _one_way_to_name_models(self) -> Settings:
        if {"model", "models"} <= self.model_fields_set:
            message = "give either `model` (one for everybody) or `models` (one by segment), not both"
            raise ValueError(message)
        if "models" in self.model_fields_set and not self.models:
            message = "`models` is empty: name at least one model"
            raise ValueError(message)
        return self

    def model_path(self, name: str | None = None) -> Path:
        """The file of a scoring model; of the one for everybody when none is named."""
        name = self.model if name is None else name
        return PRESETS / f"{name.removeprefix('preset:')}.yaml" if name.startswith("preset:") else self.folder / name

    def schedule_of(self, name: str) -> Schedule:
        """When what is done with one connection."""
        own = self.connections[name].schedule
        return self.schedule.model_copy(update={key: value for key, value in own if value is not None})

    def fields_path(self, name: str) -> Path:
        """The field map of one connection."""
        connection = self.connections[name]
        return self.folder / connection.fields if connection.fields else FIELDS / f"{connection.kind}.yaml"


def load_settings(path: Path) -> Settings:
    """Read the settings file; raises SettingsError that names file, line and key."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            f"{path}: there is no such file", next_step="leadgrade init . (or name one with --config FILE)"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    try:
        content: Any = YAML(typ="rt").load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise SettingsError(f"{where}: {error.problem or 'not YAML'}", next_step="correct the line") from None
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise SettingsError(f"{path}:1:1: a mapping of settings is expected", next_step="see leadgrade.example.yaml")
    try:
        settings = Settings(**_plain(content), source=path.resolve())
    except ValidationError as error:
        lines = "\n".join(f"{_position(path, content, item['loc'])}: {_sentence(item)}" for item in error.errors())
        raise SettingsError(
            lines, next_step="correct the settings; leadgrade.example.yaml explains every key"
        ) from None
    except TypeError as error:
        raise SettingsError(f"{path}: {error}", next_step="correct the settings") from None
    return _with_secret_folder(settings)


def _with_secret_folder(settings: Settings) -> Settings:
    """Let `file:` secrets and certificates start at the settings file's folder."""
    connections = {}
    for name, connection in settings.connections.items():
        bundle = getattr(connection, "ca_bundle", None)
        paths = {"ca_bundle": settings.folder / bundle} if bundle else {}
        connections[name] = connection.model_copy(update={**_placed(connection, settings.folder), **paths})
    channels = {
        name: channel.model_copy(update=_placed(channel, settings.folder))
        for name in ("webhook", "email")
        if (channel := getattr(settings.alerts, name)) is not None
    }
    alerts = settings.alerts.model_copy(update=channels)
    return settings.model_copy(update={"connections": connections, "alerts": alerts})


def secrets_of(part: BaseModel) -> dict[str, Secret]:
    """Key -> secret, of one part of the settings."""
    values = {field: getattr(part, field) for field in type(part).model_fields}
    return {field: value for field, value in values.items() if isinstance(value, Secret)}


def _placed(part: BaseModel, folder: Path) -> dict[str, Secret]:
    return {field: Secret(value.source, folder) for field, value in secrets_of(part).items()}


def _sentence(item: Any) -> str:
    key = ".".join(str(part) for part in item["loc"]) or "models"
    if item["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    return f"{key}: {item['msg'].removeprefix('Value error, ')}"


def _position(path: Path, content: Any, loc: tuple[int | str, ...]) -> str:
    """`file:line:column` of a key; pydantic's own steps (union tags) that the file does not have are skipped."""
    node, line, column = content, 0, 0
    # What is wrong with several keys together is about `models`: it is the only such rule.
    loc = loc or ("models",)
    for part in loc:
        marks = getattr(node, "lc", None)
        if marks is None:
            break
        if isinstance(node, dict) and part in node:
            line, column = marks.key(part)
            node = node[part]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            line, column = marks.item(part)
            node = node[part]
    return f"{path}:{line + 1}:{column + 1}"


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node
