"""Who the session belongs to, as OpenID (`userinfo`) and as the identity URL of a sign-in."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.clock import iso
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.wire import WireRequest

_URLS = {
    "enterprise": "/services/Soap/c/{version}/",
    "metadata": "/services/Soap/m/{version}/",
    "partner": "/services/Soap/u/{version}/",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_soap": "/services/Soap/T/{version}/",
    "tooling_rest": "/services/data/v{version}/tooling/",
}


def userinfo(org: Org, request: WireRequest) -> dict[str, Any]:
    """GET /services/oauth2/userinfo."""
    user = org.get("User", org.api_user)
    return {
        "sub": f"{request.base_url}/id/{org.id}/{user.id}",
        "user_id": user.id,
        "organization_id": org.id,
        "preferred_username": user.get("Username"),
        "nickname": user.get("FirstName"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user.get("LastName"),
        "zoneinfo": user.get("TimeZoneSidKey"),
        "urls": _urls(request),
        "user_type": "STANDARD",
        "active": True,
        "language": "en_US",
        "locale": "en_US",
        "updated_at": iso(user.modified_at),
    }


def identity(org: Org, request: WireRequest, org_id: str, user_id: str) -> dict[str, Any]:
    """GET /id/ORG/USER: only of oneself.

    Raises:
        Refusal: It is somebody else, or another org.
    """
    if (org_id[:15], user_id[:15]) != (org.id[:15], org.api_user[:15]):
        raise Refusal(403, "Bad_Id", "Bad_Id")
    user = org.get("User", org.api_user)
    return {
        "id": f"{request.base_url}/id/{org.id}/{user.id}",
        "asserted_user": True,
        "user_id": user.id,
        "organization_id": org.id,
        "username": user.get("Username"),
        "nick_name": user.get("FirstName"),
        "display_name": user.get("Name"),
        "email": user.get("Email"),
        "first_name": user.get("FirstName"),
        "last_name": user.get("LastName"),
        "timezone": user.get("TimeZoneSidKey"),
        "active": True,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "urls": _urls(request),
        "last_modified_date": iso(user.modified_at, "+0000"),
        "is_app_installed": True,
    }


def _urls(request: WireRequest) -> dict[str, str]:
    """The word `{version}` stands in these addresses, for the client to put in."""
    return {name: f"{request.base_url}{path}" for name, path in _URLS.items()}
