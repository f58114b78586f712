"""What a Salesforce connection is made of: account, credentials, limits. Plain values; secrets never show in `repr`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class SalesforceSettings:
    """One configured account.

    Sign-in is by client credentials (`client_id`, `client_secret`), by JWT bearer (`client_id`, `username`,
    `private_key`) or, for tests, by a session id.
    """

    #: Name of the connection, for messages.
    name: str
    #: My Domain, such as `acme.my.salesforce.com` (or just `acme`); client credentials do not work on login.salesforce.com.
    domain: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    #: RSA key in PEM, for JWT bearer.
    private_key: str | None = field(default=None, repr=False)
    #: `aud` of the JWT: login.salesforce.com, or test.salesforce.com for Salesforce sandboxes.
    audience: str = "https://login.salesforce.com"
    session_id: str | None = field(default=None, repr=False)
    api_version: str = "66.0"
    #: Share of the org's calls per day that Leadgrade may use.
    daily_share: float = 0.25
    #: Nothing is sent any more when the whole org has used this share, whoever did it.
    org_ceiling: float = 0.95
    #: How far each window reaches back, for transactions that commit late.
    overlap: timedelta = timedelta(minutes=10)
    #: Seconds to wait for a connection and for an answer.
    connect_timeout: float = 10.0
    timeout: float = 130.0
    #: Rows per page, shared by the objects of a stream.
    page_size: int = 2000
    #: Rows of an object above which a first load comes by Bulk API 2.0; cuts of `page_size` rows all the same.
    bulk_threshold: int = 2000
    write_batch: int = 200
    #: API name of the permission set that `fields apply` makes.
    permission_set: str = "Leadgrade_Fields"
    #: True, False or the path of a CA bundle.
    verify: bool | str = True
    proxy: str | None = None

    @property
    def host(self) -> str:
        """The My Domain host."""
        host = self.domain.removeprefix("https://").removeprefix("http://").split("/")[0]
        if "." not in host:
            return f"{host}.my.salesforce.com"
        return f"{host}.salesforce.com" if host.endswith(".my") else host
