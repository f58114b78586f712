"""The settings of what is deleted when it is old."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: null keeps for ever.
Days = Annotated[int, Field(ge=1, le=36500)] | None


class Retention(BaseModel):
    """After how many days what is deleted. What scores rest on is never kept for less than the models look back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Activities, by when they happened. Older ones are not stored again when they are pulled.
    activities_days: Days = None
    #: Earlier scores; of each person the last one before that stays.
    score_history_days: Days = None
    #: Earlier values of contacts' attributes.
    contact_change_days: Days = None
    #: Runs that have ended, with their slices, and what became of each write.
    runs_days: Days = 400
    #: Records that could not be read, and names that no activity map knows, by when they were last met.
    quarantine_days: Days = 400
    #: Refusals: afterwards the record gets another chance.
    dead_letters_days: Days = 400
