"""The settings of the schedule: what the daemon does by itself, and when."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from config.timing import Hours, Timing, parse_hours, parse_time, parse_timing, parse_zone

TimingText = Annotated[Timing, BeforeValidator(parse_timing)]
HoursText = Annotated[Hours, BeforeValidator(parse_hours)]
TimeText = Annotated[time, BeforeValidator(parse_time)]
Zone = Annotated[str, AfterValidator(parse_zone)]


class Schedule(BaseModel):
    """When the daemon does what by itself. Every connection may have its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Reading what changed, rescoring and writing: an interval, a cron expression, or never.
    incremental: TimingText = Timing(every=timedelta(minutes=5))
    #: Reading everything again.
    full: TimingText = Timing()
    #: Looking for records that vanished.
    sweep: TimingText = Timing(cron="30 2 * * *")
    #: At most so many seconds later than that, so that not everybody calls at the same moment.
    jitter_seconds: Annotated[int, Field(ge=0, le=3600)] = 20
    #: Nothing is begun by itself in these hours, and long loads wait: "22:00-06:00".
    quiet_hours: HoursText | None = None
    #: Where cron expressions and quiet hours are; where the model is when absent.
    time_zone: Zone | None = None


class ConnectionSchedule(BaseModel):
    """What is different for one connection; the rest is as in `schedule`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    incremental: TimingText | None = None
    full: TimingText | None = None
    sweep: TimingText | None = None
    jitter_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    quiet_hours: HoursText | None = None
    time_zone: Zone | None = None
