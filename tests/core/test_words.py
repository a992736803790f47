"""Words are plain text, filled with facts; times are told in Japan's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.words import Language, Words

WORDS = Words(
    Language.EN,
    {
        "format.moment": "%Y-%m-%d %H:%M JST",
        "format.list-separator": ", ",
        "period.minutes": "{number} minutes",
        "period.minutes.one": "a minute",
        "period.hours": "{number} hours",
        "period.hours.one": "an hour",
        "period.days": "{number} days",
        "greeting": "{who} at {when} for {how_long}",
    },
)


def test_facts_are_shown_as_people_write_them() -> None:
    said = WORDS.say(
        "greeting", who=["a", "b"], when=datetime(2026, 1, 1, 15, tzinfo=UTC), how_long=timedelta(days=3)
    )

    assert said == "a, b at 2026-01-02 00:00 JST for 3 days"


def test_a_fact_is_never_read_as_a_template() -> None:
    said = WORDS.say("greeting", who="{when.__class__}", when="{0}", how_long="%s")

    assert said == "{when.__class__} at {0} for %s"


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (timedelta(seconds=-5), "0 minutes"),
        (timedelta(seconds=90), "a minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(minutes=60), "an hour"),
        (timedelta(hours=24), "24 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_a_period_is_told_in_its_largest_whole_unit(period: timedelta, said: str) -> None:
    assert WORDS.period(period) == said


def test_a_word_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError):
        WORDS.say("nothing")
