"""The export of the send history: CSV or JSON lines in, deliveries and bad rows out, in constant memory."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from types import TracebackType

from bot.core.delivery import Delivery, Method, Status
from bot.sources.columns import FIELDS, NAMES, REQUIRED, field_of, missing, positions
from bot.sources.fields import FieldError, Rows
from bot.sources.lines import Lines

_DELIMITERS: tuple[str, ...] = (",", "\t", ";")
# What Excel writes, and wants to see, in front of a table whose delimiter is not that of the country.
_SEP = re.compile('"?sep=(?P<delimiter>[^"\r\n])"?\\s*', re.IGNORECASE)
_Picker = Callable[[Sequence[str]], tuple[str, ...]]


class SourceError(Exception):
    """A file cannot be read at all; the message names it and the cure."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that did not go in: where it stands (*line* counts from 1), why, and what it was."""

    file: str
    line: int
    reason: str
    raw: tuple[str, ...]  # its fields; of a JSON line, or where no fields can be told, the line itself

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


def read(
    path: Path, labels: Mapping[str, Status], methods: Mapping[str, Method]
) -> Iterator[Delivery | BadRow]:
    """Read the send history at *path*; raise SourceError when it is none."""
    with SendHistory(path, labels, methods) as history:
        yield from history


class SendHistory:
    """An open export.  *labels* and *methods* map folded texts (see question.fold) to what they mean.

    *header* is the first row of a table, None for JSON lines.  Opening raises SourceError.
    """

    def __init__(self, path: Path, labels: Mapping[str, Status], methods: Mapping[str, Method]) -> None:
        self.path = path
        self._rows = Rows(f"import:{path.name}", labels, methods)
        try:
            self.size = path.stat().st_size  # bytes
            self._lines = Lines(path)
        except OSError as error:
            raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
        self.header: tuple[str, ...] | None = None
        try:
            self._begin()
        except SourceError:
            self.close()
            raise

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._lines.position

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    def __enter__(self) -> SendHistory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Delivery | BadRow]:
        return self._json_rows() if self.header is None else self._table_rows(self.header)

    def _begin(self) -> None:
        """Find out what the file is, and which column is what."""
        first = self._first_line()
        if first.lstrip().startswith("["):
            raise SourceError(
                f"{self.path}: is one JSON list; write one object a line (jq -c '.[]' FILE > FILE.jsonl)"
            )
        if first.lstrip().startswith("{"):
            self._lines.put_back(1)
            return
        delimiters = _DELIMITERS
        if told := _SEP.fullmatch(first):
            delimiters, first = (told["delimiter"],), self._first_line()
        self._delimiter = max(delimiters, key=lambda delimiter: len(positions(_split(first, delimiter))))
        self.header = tuple(_split(first, self._delimiter))
        problem = missing(positions(self.header))
        if problem:
            raise SourceError(f"{self.path}: {problem}")

    def _first_line(self) -> str:
        return next((line for line in self._lines if line.strip()), "")

    def _table_rows(self, header: tuple[str, ...]) -> Iterator[Delivery | BadRow]:
        table = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        pick = _picker(header)
        while True:
            self._lines.begin()
            try:
                said = self._table_row(next(table), len(header), pick)
            except StopIteration:
                return
            except csv.Error as error:
                said = self._torn(error)
            if said:
                yield said

    def _table_row(self, row: list[str], width: int, pick: _Picker) -> Delivery | BadRow | None:
        """Read one row; None when it is blank.  Raise csv.Error when it is torn."""
        problem = self._lines.problem()
        if problem:
            return self._bad(problem, row)
        try:
            if len(row) != width:
                row = self._fitted(row, width)
            return self._rows.delivery(*pick([*row, ""]))  # "" stands for the columns that the file has not
        except FieldError as error:
            return self._bad(str(error), row) if any(map(str.strip, row)) else None

    def _fitted(self, row: list[str], width: int) -> list[str]:
        """Return *row* with as many fields as the header has; raise when it cannot be that row.

        Excel leaves out empty fields at the end of a line, other programs put too many there.
        """
        if len(self._lines.taken) > 1:
            raise csv.Error("its quotes do not end")
        if any(map(str.strip, row[width:])):
            raise FieldError(f"{len(row)} fields where the header has {width}")
        return row[:width] + [""] * (width - len(row))

    def _torn(self, error: csv.Error) -> BadRow:
        """Report a line whose quotes do not close; the lines that they swallowed are read again."""
        self._lines.put_back(len(self._lines.taken) - 1)
        reason = f"is not a row of a table: {error}"
        return self._bad(reason, [self._lines.taken[0].rstrip("\r\n")])

    def _json_rows(self) -> Iterator[Delivery | BadRow]:
        lines = self._lines
        while True:
            lines.begin()
            line = next(lines, None)
            if line is None:
                return
            if not line.strip():
                continue
            try:
                yield self._rows.delivery(*_json_fields(line, lines.problem()))
            except FieldError as error:
                yield self._bad(str(error), [line.rstrip("\r\n")])

    def _bad(self, reason: str, raw: Sequence[str]) -> BadRow:
        return BadRow(str(self.path), self._lines.first, reason, tuple(raw))


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _picker(header: Sequence[str]) -> _Picker:
    """Return what takes the fields out of a row, in the order of FIELDS; absent ones are its last."""
    found = positions(header)
    return itemgetter(*(found.get(field, len(header)) for field in FIELDS))


def _json_fields(line: str, problem: str | None) -> list[str]:
    """Return the texts of columns.FIELDS in a JSON *line*; raise FieldError."""
    if problem:
        raise FieldError(problem)
    try:
        said = _decode(line)
    except (ValueError, RecursionError) as error:
        raise FieldError(f"is not JSON: {error}") from error
    if not isinstance(said, dict):
        raise FieldError("is not a JSON object: write {…}, one a line")
    found: dict[str, str] = {}
    for name, value in said.items():
        field = _field_of(name)
        if field and not found.get(field):
            found[field] = _json_text(name, value)
    absent = [field for field in REQUIRED if field not in found]
    if absent:
        raise FieldError(f"{absent[0]} is missing (or {', '.join(NAMES[absent[0]][1:])})")
    return [found.get(field, "") for field in FIELDS]


# Numbers stay the digits that were written: a send ID is more than a float can hold.
_decode = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).decode
_field_of = lru_cache(1_000)(field_of)


def _json_text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise FieldError(f"{name} is a list or an object, not a text")
    if "\x00" in value or not _has_utf8(value):
        raise FieldError(f"{name} has characters that are none (NUL, or half a surrogate pair)")
    return value


def _has_utf8(text: str) -> bool:
    if text.isprintable():  # surrogates are not
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
