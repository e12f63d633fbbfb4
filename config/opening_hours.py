"""When the desk works: hours of each weekday, and holidays."""

from datetime import date
from typing import Annotated

from helpdesk.config.hours import windows
from helpdesk.config.public_holidays import public_holidays
from helpdesk.config.section import (
    Field,
    Section,
    ValueType,
    model_validator,
)
from helpdesk.config.values import (
    Holiday,
    Hours,
    Zone,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Calendar(Section):
    """When the desk works. Promises count these hours alone."""

    zone: Zone = Field(default="UTC", description='Time zone by its IANA name, such as "Europe/Berlin".')
    monday: Hours = Field(
        default="09:00-17:00",
        description='Hours by the clock on the wall. Several windows: "09:00-12:00, 13:00-17:00"; until midnight: "22:00-24:00"; a day off: "".',
    )
    tuesday: Hours = Field(default="09:00-17:00", description="As on monday.")
    wednesday: Hours = Field(default="09:00-17:00", description="As on monday.")
    thursday: Hours = Field(default="09:00-17:00", description="As on monday.")
    friday: Hours = Field(default="09:00-17:00", description="As on monday.")
    saturday: Hours = Field(default="", description="As on monday.")
    sunday: Hours = Field(default="", description="As on monday.")
    holidays: tuple[Holiday, ...] = Field(default=(), description='Single days off: ["2026-12-25", "2026-12-26"].')
    country: Annotated[str, ValueType("ISO 3166-1 code")] = Field(
        default="", description='Country whose public holidays are days off, such as "DE"; "" for none.'
    )
    subdivision: Annotated[str, ValueType("ISO 3166-2 code")] = Field(
        default="", description='Part of the country whose public holidays are days off too: "BE" for Berlin in "DE".'
    )

    @model_validator(mode="after")
    def _some_day_is_worked(self) -> "Calendar":
        if not any(windows(getattr(self, day)) for day in WEEKDAYS):
            raise ValueError("no day of the week has hours, so no promise could ever be kept; write hours for one at least")
        return self

    @model_validator(mode="after")
    def _holidays_are_known(self) -> "Calendar":
        if self.subdivision and not self.country:
            raise ValueError("subdivision says which part of a country; write the country too")
        public_holidays(self.country, self.subdivision, 2026)
        return self

    def is_holiday(self, day: date) -> bool:
        return day.isoformat() in self.holidays or day in public_holidays(self.country, self.subdivision, day.year)


def with_hours(calendar: Calendar, hours: str) -> Calendar:
    return calendar.model_copy(update={day: hours for day in WEEKDAYS if windows(getattr(calendar, day))})
