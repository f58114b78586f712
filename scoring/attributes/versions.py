"""What the derived attributes rest on: the version of these rules, and the dates of the libraries' data."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

#: To be raised with every change that may derive another value from the same text: stored values are derived again.
DERIVED_VERSION: Final = 1

_LIBRARIES: Final = {
    "phone numbers (libphonenumber)": "phonenumbers",
    "country names (CLDR)": "babel",
    "subdivisions (ISO 3166-2)": "pycountry",
    "public suffixes": "publicsuffixlist",
    "disposable mail domains": "disposable-email-domains",
}


def snapshot_dates() -> dict[str, str]:
    """The age of the data that the derived attributes rest on: by source, a date where the library states one, else
    its version.

    The Public Suffix List's date stands in the last part of its package's version, pycountry's version is a date, the
    others have versions only. Reads the metadata of installed packages; not for use while scoring.
    """
    from babel.core import get_cldr_version

    found: dict[str, str] = {}
    for source, package in _LIBRARIES.items():
        try:
            number = version(package)
        except PackageNotFoundError:
            found[source] = "not installed"
            continue
        found[source] = f"{package} {number}"
        if package == "publicsuffixlist" and len(date := number.rpartition(".")[2]) == 8:
            found[source] = f"{date[:4]}-{date[4:6]}-{date[6:]}"
        elif package == "pycountry" and len(parts := number.split(".")) == 3:
            found[source] = f"20{int(parts[0]):02d}-{int(parts[1]):02d}-{int(parts[2]):02d}"
        elif package == "babel":
            found[source] = f"CLDR {get_cldr_version()}"
    return found
