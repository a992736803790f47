"""Short words and sentences by name; their texts live in knowledge/<lang>/words.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

JST = timezone(timedelta(hours=9), "JST")  # Japan has no summer time


class Language(StrEnum):
    """The languages with a folder of their own in knowledge/."""

    JA = "ja"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one *language*: name → text with ``{placeholders}``."""

    language: Language
    texts: Mapping[str, str]

    def say(self, name: str, /, **facts: object) -> str:
        """Return the text called *name*, filled with *facts*: plain text, markup of nobody's.

        Raise KeyError when nobody wrote it: a defect that the tests find before a customer does.
        """
        return self.texts[name].format(**{key: self._shown(fact) for key, fact in facts.items()})

    def knows(self, name: str) -> bool:
        """Tell whether there is a text called *name*."""
        return name in self.texts

    def moment(self, moment: datetime) -> str:
        """Return *moment* in Japanese time, where support and screen are."""
        return moment.astimezone(JST).strftime(self.texts["format.moment"])

    def period(self, period: timedelta) -> str:
        """Return *period* in its largest whole unit: 3 days, 5 hours, 12 minutes."""
        minutes = max(0, int(period.total_seconds())) // 60
        for unit, size in (("days", 1440), ("hours", 60)):
            if minutes >= 2 * size or (unit == "hours" and minutes >= size):
                return self._counted(unit, minutes // size)
        return self._counted("minutes", minutes)

    def _counted(self, unit: str, number: int) -> str:
        name = f"period.{unit}"
        return self.say(f"{name}.one" if number == 1 and f"{name}.one" in self.texts else name, number=number)

    def _shown(self, fact: object) -> object:
        if isinstance(fact, datetime):
            return self.moment(fact)
        if isinstance(fact, timedelta):
            return self.period(fact)
        if isinstance(fact, list | tuple):
            return self.texts["format.list-separator"].join(map(str, fact))
        return fact
