"""How many inputs the functions of this package remember, so that a load of millions of records stays in bounded memory."""

from __future__ import annotations

from typing import Final

#: What is a person's own (address, name, telephone): asked for again only within the same page of records.
OWN: Final = 4_096
#: What people share (titles, companies, domains, places).
SHARED: Final = 8_192
