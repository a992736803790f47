"""A missing browser is said aloud, and is a failure where there has to be one."""

from __future__ import annotations

import pytest

from tests import browser


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_browser_skips_at_home_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", ci)
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(outcome, match="NO BROWSER"):
        browser.chromium()
