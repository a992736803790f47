"""The verdict of the whole."""

from __future__ import annotations

import pytest

from bot.core.finding import Finding, Verdict, worst

OK, WARN, FAIL, UNKNOWN = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ([], UNKNOWN),
        ([OK], OK),
        ([OK, WARN], WARN),
        ([WARN, UNKNOWN], UNKNOWN),
        ([UNKNOWN, FAIL, OK], FAIL),
    ],
)
def test_the_worst_verdict_counts(verdicts: list[Verdict], whole: Verdict) -> None:
    assert worst(Finding("mx", verdict, "code") for verdict in verdicts) is whole


def test_a_note_never_changes_the_verdict() -> None:
    assert worst([Finding("mx", OK, "mx"), Finding("role", WARN, "role", note=True)]) is OK
