"""The send history of the demo, as an export of today: ages become times."""

from __future__ import annotations

import csv
import re
from datetime import datetime, timedelta
from pathlib import Path

_HISTORY = Path(__file__).with_name("history.csv")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def write_export(target: Path, now: datetime) -> None:
    """Write the history to *target*, in the columns that `import` reads, as if exported at *now*."""
    with (
        _HISTORY.open(encoding="utf-8", newline="") as rows,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        reader = csv.DictReader(rows)
        columns = [_COLUMNS.get(name, name) for name in reader.fieldnames or ()]
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        for row in reader:
            ages = {column: _ago(row.pop(age), now) for age, column in _COLUMNS.items()}
            writer.writerow(row | ages)


_COLUMNS = {"sent_ago": "sent_at", "answered_ago": "updated_at"}


def _ago(age: str, now: datetime) -> str:
    parts = {_UNITS[unit]: int(number) for number, unit in re.findall(r"(\d+)([dhm])", age)}
    return (now - timedelta(**parts)).isoformat(timespec="seconds") if parts else ""
