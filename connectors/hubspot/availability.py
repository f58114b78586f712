"""What a portal or its token does not offer: noticed once, left out while the connector lives, told by doctor and schema check.

Positions in the cursor stay where they are, so that a source that is granted later is read from where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.errors import Gone, NeedsAttention, Rejected
from connectors.hubspot.client import Answer
from connectors.hubspot.settings import Feature


@dataclass(kw_only=True, slots=True)
class Availability:
    """What the portal has turned out to refuse, for as long as this connector lives."""

    refused: dict[str, str] = field(default_factory=dict)
    #: Sources that have answered.
    answered: set[str] = field(default_factory=set)

    def refuses(self, name: str, error: NeedsAttention) -> bool:
        """Note an object that the token may not read; False when the error says something else."""
        if error.code != "permission":
            return False
        self.refused[name] = error.next_step or error.message
        return True

    def ask(self, name: str, feature: Feature, call: Callable[[], Answer], *, first: bool = True) -> Answer | None:
        """The answer, or None when the portal does not have this source; only a first page can tell that."""
        if name in self.refused:
            return None
        try:
            answer = call()
        except NeedsAttention as error:
            absent = error.code == "permission" or (error.code == "configuration" and first)
            if feature is Feature.ON or not absent:
                raise
            self.refused[name] = error.next_step or error.message
        except (Gone, Rejected) as error:
            if feature is Feature.ON or not first:
                raise
            self.refused[name] = error.message
        else:
            self.answered.add(name)
            return answer
        return None
