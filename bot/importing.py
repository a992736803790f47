"""Import send histories: while one batch is written, the next is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.delivery import Delivery, Method, Status
from bot.sources.rejects import Rejects, rejects_path
from bot.sources.send_history import BadRow, SendHistory, SourceError
from bot.store.deliveries import Values, rows_of, save_rows
from bot.store.engine import is_embedded, writing

BATCH = 20_000  # rows of one transaction; two batches are in memory at a time
SHOWN = 20  # bad rows that the report itself holds
# SQLite has the others poll for its one write lock: a running bot must find a gap between two batches.
_GAP = 0.02  # seconds, in which the next batch is read on

_TURN = 250  # rows read before the other tasks have their turn: about 2 ms

Progress = Callable[[int, int], None]  # bytes done, bytes in all


@dataclass(slots=True)
class _Batch:
    good: list[Values] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.good) + len(self.bad)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file: *imported* good rows, of which *changed* said something new.

    *bad_rows* are the first SHOWN of those *rejected*; all of them are in the *rejects_file*.
    """

    path: Path
    imported: int = 0
    changed: int = 0
    rejected: int = 0
    rejects_file: Path | None = None
    bad_rows: tuple[BadRow, ...] = ()

    @property
    def rows(self) -> int:
        """Return how many rows were read."""
        return self.imported + self.rejected


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: with each file, and in all."""

    files: tuple[FileReport, ...]

    @property
    def rows(self) -> int:
        """Return how many rows were read."""
        return sum(file.rows for file in self.files)

    @property
    def imported(self) -> int:
        """Return how many rows were good."""
        return sum(file.imported for file in self.files)

    @property
    def changed(self) -> int:
        """Return how many rows said something new."""
        return sum(file.changed for file in self.files)

    @property
    def rejected(self) -> int:
        """Return how many rows were bad."""
        return sum(file.rejected for file in self.files)

    @property
    def rejects_files(self) -> tuple[Path, ...]:
        """Return where the bad rows are."""
        return tuple(file.rejects_file for file in self.files if file.rejects_file)

    @property
    def bad_rows(self) -> tuple[BadRow, ...]:
        """Return the first SHOWN bad rows."""
        return tuple(row for file in self.files for row in file.bad_rows)[:SHOWN]


async def import_files(
    engine: AsyncEngine,
    paths: Sequence[Path],
    labels: Mapping[str, Status],
    methods: Mapping[str, Method],
    *,
    rejects_dir: Path | None = None,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Import the send histories at *paths*; *labels* and *methods* are those of SendHistory.

    Every file is opened before the first row is written: raise SourceError when one cannot be, and StoreError
    when the database cannot be written.  What was committed by then stays: doing it again ends the same.
    """
    with ExitStack() as opened:
        histories = [
            opened.enter_context(await asyncio.to_thread(SendHistory, path, labels, methods))
            for path in paths
        ]
        _refuse_overwriting(histories, rejects_dir)
        total = sum(history.size for history in histories)
        files, before = [], 0
        for history in histories:
            with Rejects(history, rejects_dir) as rejects:
                files.append(await _import(engine, history, rejects, _moved(progress, before, total)))
            before += history.size
        progress(total, total)
        return ImportReport(tuple(files))


async def _import(
    engine: AsyncEngine, history: SendHistory, rejects: Rejects, progress: Progress
) -> FileReport:
    report = FileReport(path=history.path)
    rows = iter(history)
    batch = await _take(rows, engine.dialect)
    while batch:
        for bad_row in batch.bad:
            rejects.add(bad_row)
        begin = asyncio.Event()
        upcoming = asyncio.create_task(_take(rows, engine.dialect, begin))
        try:
            report = _counted(report, batch, await _write(engine, batch, begin))
            progress(history.position, history.size)
            batch = await upcoming
        finally:
            upcoming.cancel()
    return replace(report, rejects_file=rejects.path if rejects.count else None)


async def _take(
    rows: Iterator[Delivery | BadRow], dialect: Dialect, begin: asyncio.Event | None = None
) -> _Batch | None:
    """Take a batch from *rows*, once it is time to *begin*; None at the end.

    Reading takes turns with writing in one thread: in two they would fight for the interpreter's lock, and
    both lose.
    """
    if begin:
        await begin.wait()
    batch = _Batch()
    while batch.count < BATCH and (turn := [*islice(rows, _TURN)]):
        batch.good += rows_of(dialect, (row for row in turn if isinstance(row, Delivery)))
        batch.bad += (row for row in turn if isinstance(row, BadRow))
        await asyncio.sleep(0)
    return batch if batch.count else None


async def _write(engine: AsyncEngine, batch: _Batch, begin: asyncio.Event) -> int:
    """Write *batch*, and have the next one begin when the database works without our lock.

    PostgreSQL always does; SQLite's driver takes it again for every row, and lets go of it for the commit.
    """
    changed = 0
    if batch.good:
        async with writing(engine, bulk=True) as connection:
            if not is_embedded(engine):
                begin.set()
            changed = await save_rows(connection, batch.good)
            begin.set()
        await asyncio.sleep(_GAP if is_embedded(engine) else 0)
    begin.set()
    return changed


def _counted(report: FileReport, batch: _Batch, changed: int) -> FileReport:
    return replace(
        report,
        imported=report.imported + len(batch.good),
        changed=report.changed + changed,
        rejected=report.rejected + len(batch.bad),
        bad_rows=(*report.bad_rows, *batch.bad)[:SHOWN],
    )


def _moved(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _: progress(before + done, total)


def _refuse_overwriting(histories: Sequence[SendHistory], rejects_dir: Path | None) -> None:
    """Refuse files whose rejects would overwrite each other, or a file that is yet to be imported."""
    taken = {history.path.resolve() for history in histories}
    for history in histories:
        path = rejects_path(history, rejects_dir).resolve()
        if path in taken:
            raise SourceError(f"{history.path}: its rejects would overwrite {path}: import it by itself")
        taken.add(path)
