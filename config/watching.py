"""The settings of whoever looks on: where health and metrics are served, and who is told when somebody must act."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from config.secrets import Secret

SecretText = Annotated[
    Secret, BeforeValidator(lambda value: value if isinstance(value, Secret) else Secret(str(value)))
]
Seconds = Annotated[float, Field(gt=0, le=60)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Metrics(_Part):
    """Where the daemon serves /health, /live and /metrics. Off without a port."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] | None = None


class AlertWebhook(_Part):
    """A POST of JSON for each piece of news."""

    #: Where to; such addresses are often secrets themselves.
    url: SecretText
    #: Signs what is sent (HMAC-SHA256), so that the receiver knows who sent it.
    secret: SecretText | None = None
    #: Seconds for one call to be answered.
    timeout: Seconds = 10


class AlertEmail(_Part):
    """A mail for each piece of news."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    #: starttls and tls check the server's certificate; none sends in the clear.
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretText | None = None
    sender: str
    to: Annotated[tuple[str, ...], Field(min_length=1)]
    #: Seconds for each answer of the mail server.
    timeout: Seconds = 20

    @model_validator(mode="after")
    def _signs_in_whole(self) -> AlertEmail:
        if (self.user is None) != (self.password is None):
            message = "user and password go together"
            raise ValueError(message)
        return self


class Alerts(_Part):
    """Who is told when somebody must act: once for each cause, again while it lasts, and when it is over."""

    webhook: AlertWebhook | None = None
    email: AlertEmail | None = None
    #: Minutes that something must last before it is told.
    after_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    #: Hours after which what still lasts is told again.
    repeat_hours: Annotated[int, Field(ge=1, le=720)] = 24

    @property
    def anybody(self) -> bool:
        """Whether anybody is told."""
        return self.webhook is not None or self.email is not None
