"""How news goes out: a POST of JSON, signed if a secret is given, or a mail. What cannot be sent is said by its kind alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from sync.errors import SyncError

if TYPE_CHECKING:
    from datetime import datetime

    from config.watching import AlertEmail, Alerts, AlertWebhook
    from sync.clock import Clock
    from sync.watch.health import Finding

#: Tries of one message, a few seconds apart.
TRIES: Final = 3
#: Headers of a signed POST; the signature is over the time, a full stop and the body.
TIME_HEADER, SIGNATURE_HEADER = "X-Leadgrade-Timestamp", "X-Leadgrade-Signature"


class NotSent(SyncError):
    """A message could not be sent."""


class Event(StrEnum):
    """What the news is about."""

    NEW = "new"
    #: It still lasts.
    REMINDER = "reminder"
    RESOLVED = "resolved"
    TEST = "test"


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """One thing to tell."""

    event: Event
    finding: Finding
    since: datetime

    @property
    def sentence(self) -> str:
        """In a line or two, for people."""
        one = self.finding
        if self.event is Event.RESOLVED:
            return f"Resolved: {one.place}: {one.message}"
        again = f" (since {self.since:%Y-%m-%d %H:%M} UTC)" if self.event is Event.REMINDER else ""
        return f"{one.place}: {one.message}{again}\n  next: {one.next_step}"


class Sender(Protocol):
    """A way out."""

    #: webhook or email.
    name: str

    def send(self, news: list[News], *, workspace: str, now: datetime) -> None:
        """Send one message about some news. Raises NotSent, or SettingsError for a secret that cannot be read."""
        ...


def senders(alerts: Alerts, clock: Clock) -> list[Sender]:
    """The ways out that the settings name."""
    found: list[Sender] = []
    if alerts.webhook is not None:
        found.append(WebhookSender(alerts.webhook, clock))
    if alerts.email is not None:
        found.append(MailSender(alerts.email, clock))
    return found


class WebhookSender:
    """Posts JSON."""

    name = "webhook"

    def __init__(self, settings: AlertWebhook, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def send(self, news: list[News], *, workspace: str, now: datetime) -> None:
        body = json.dumps(_payload(news, workspace, now), ensure_ascii=False).encode()
        url = self._settings.url.value()
        headers = {"Content-Type": "application/json", "User-Agent": "leadgrade"}
        if self._settings.secret is not None:
            stamp = str(int(now.timestamp()))
            headers |= {
                TIME_HEADER: stamp,
                SIGNATURE_HEADER: f"sha256={signature(self._settings.secret.value(), stamp, body)}",
            }
        for attempt in _tries(self._clock):
            with attempt:
                self._post(url, body, headers)

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        import requests

        # The address may be a secret: no error that quotes it leaves this function.
        try:
            answer = requests.post(
                url, data=body, headers=headers, timeout=self._settings.timeout, allow_redirects=False
            )
        except (requests.RequestException, UnicodeError) as error:
            raise NotSent(f"the webhook of alerts cannot be reached: {type(error).__name__}") from None
        if not 200 <= answer.status_code < 300:
            raise NotSent(
                f"the webhook of alerts answered {answer.status_code}", next_step="check alerts.webhook in the settings"
            )


class MailSender:
    """Sends a mail."""

    name = "email"

    def __init__(self, settings: AlertEmail, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def send(self, news: list[News], *, workspace: str, now: datetime) -> None:
        message = EmailMessage()
        message["Subject"] = _subject(news, workspace)
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.to)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = make_msgid(domain="leadgrade")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(_text(news) + "\n")
        password = self._settings.password.value() if self._settings.password else None
        for attempt in _tries(self._clock):
            with attempt:
                self._hand_over(message, password)

    def _hand_over(self, message: EmailMessage, password: str | None) -> None:
        settings = self._settings
        checked = ssl.create_default_context()
        try:
            if settings.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    settings.host, settings.port, timeout=settings.timeout, context=checked
                )
            else:
                server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
            with server:
                if settings.security == "starttls":
                    server.starttls(context=checked)
                if settings.user is not None and password is not None:
                    server.login(settings.user, password)
                server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            # What a mail server says may quote addresses.
            code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
            raise NotSent(
                f"the mail server of alerts did not take the message: {type(error).__name__}{code}",
                next_step="check alerts.email in the settings",
            ) from None


def signature(secret: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 of time, full stop and body, in hexadecimal digits: what the receiver computes, too."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _tries(clock: Clock) -> Retrying:
    return Retrying(
        retry=retry_if_exception_type(NotSent),
        wait=wait_exponential(multiplier=1, max=5),
        stop=stop_after_attempt(TRIES),
        sleep=clock.sleep,
        reraise=True,
    )


def _payload(news: list[News], workspace: str, now: datetime) -> dict[str, object]:
    return {
        "source": "leadgrade",
        "workspace": workspace,
        "at": now.isoformat(),
        # What chat tools show.
        "text": f"{_subject(news, workspace)}\n{_text(news)}",
        "news": [
            {"event": one.event.value, "since": one.since.isoformat()} | asdict(one.finding) | {"key": one.finding.key}
            for one in news
        ],
    }


def _subject(news: list[News], workspace: str) -> str:
    first = news[0]
    where = f"{first.finding.place}: {first.finding.code}"
    more = f" and {len(news) - 1} more" if len(news) > 1 else ""
    state = {Event.RESOLVED: "resolved: ", Event.TEST: "test: "}.get(first.event, "")
    # A line break has no place in a subject.
    return " ".join(f"Leadgrade ({workspace}) {state}{where}{more}".split())


def _text(news: list[News]) -> str:
    return "\n\n".join(one.sentence for one in news)
