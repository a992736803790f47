from __future__ import annotations

import re

import pytest

from bot.settings import Settings
from tests.cli.conftest import ROOT

NAMES = {name.upper() for name in Settings.model_fields}


def test_every_setting_is_in_the_documentation_and_nothing_else() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]

    assert {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)} == NAMES


@pytest.mark.parametrize("line", re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
def test_the_example_names_settings_that_there_are(line: str) -> None:
    assert line in NAMES
