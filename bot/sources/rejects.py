"""The rows that did not go in, written with their reasons, to be mended and imported again."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import TracebackType
from typing import TextIO

from bot.sources.send_history import BadRow, SendHistory, SourceError


def rejects_path(history: SendHistory, folder: Path | None = None) -> Path:
    """Return where the bad rows of *history* are written: into *folder*, or beside the file."""
    suffix = ".rejects.jsonl" if history.header is None else ".rejects.csv"
    return (folder or history.path.parent) / (history.path.stem + suffix)


class Rejects:
    """A file of bad rows; it is there only when there are any, and replaces that of an earlier import."""

    def __init__(self, history: SendHistory, folder: Path | None = None) -> None:
        self.path = rejects_path(history, folder)
        self.count = 0
        self._header = history.header
        self._file: TextIO | None = None
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def add(self, row: BadRow) -> None:
        """Write *row*; raise SourceError when it cannot be written."""
        try:
            if self._file is None:
                self._file = self._opened()
            self._write(self._file, row)
        except OSError as error:
            raise self._unwritable(error) from error
        self.count += 1

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def _opened(self) -> TextIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Excel takes a CSV for UTF-8 only when it begins with a BOM.
        encoding = "utf-8" if self._header is None else "utf-8-sig"
        file = self.path.open("w", encoding=encoding, errors="backslashreplace", newline="")
        if self._header is not None:
            csv.writer(file).writerow([*self._header, "line", "reason"])
        return file

    def _write(self, file: TextIO, row: BadRow) -> None:
        if self._header is None:
            file.write(json.dumps(_object(row), ensure_ascii=False) + "\n")
            return
        blank = [""] * (len(self._header) - len(row.raw))
        csv.writer(file).writerow([*row.raw, *blank, row.line, row.reason])

    def _unwritable(self, error: OSError) -> SourceError:
        return SourceError(
            f"{self.path}: cannot be written: {error.strerror}; choose another folder for rejects"
        )


def _object(row: BadRow) -> dict[str, object]:
    """Return the object of a bad JSON line with its reason, to be mended in place."""
    try:
        said = json.loads(row.raw[0])
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        said = {"raw": row.raw[0]}
    return {**said, "line": row.line, "reason": row.reason}
