"""Import send histories: while one batch is written, the next is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.delivery import Delivery, Status
from bot.sources.rejects import Rejects, rejects_path
from bot.sources.send_history import BadRow, SendHistory, SourceError
from bot.store.deliveries import Values, rows_of, save_rows
from bot.store.engine import is_embedded, writing

BATCH = 10_000  # rows of one transaction; two batches are in memory at a time
SHOWN = 20  # bad rows that the report itself holds
# SQLite has the others poll for its one write lock: a running bot must find a gap between two batches.
_GAP = 0.005  # seconds

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
class ImportReport:
    """What an import did: *imported* good rows, of which *changed* said something new.

    *bad_rows* are the first SHOWN of those *rejected*; all of them are in *rejects_files*.
    """

    files: int = 0
    rows: int = 0
    imported: int = 0
    changed: int = 0
    rejected: int = 0
    rejects_files: tuple[Path, ...] = ()
    bad_rows: tuple[BadRow, ...] = ()


async def import_files(
    engine: AsyncEngine,
    paths: Sequence[Path],
    labels: Mapping[str, Status],
    *,
    rejects_dir: Path | None = None,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Import the send histories at *paths*; *labels* maps folded texts (see question.fold) to statuses.

    Every file is opened before the first row is written: raise SourceError when one cannot be, and StoreError
    when the database cannot be written.  What was committed by then stays: doing it again ends the same.
    """
    with ExitStack() as opened:
        histories = [
            opened.enter_context(await asyncio.to_thread(SendHistory, path, labels)) for path in paths
        ]
        _refuse_overwriting(histories, rejects_dir)
        total = sum(history.size for history in histories)
        report, before = ImportReport(), 0
        for history in histories:
            with Rejects(history, rejects_dir) as rejects:
                report = await _import(engine, history, rejects, report, _moved(progress, before, total))
            before += history.size
        progress(total, total)
        return report


async def _import(
    engine: AsyncEngine, history: SendHistory, rejects: Rejects, report: ImportReport, progress: Progress
) -> ImportReport:
    report = replace(report, files=report.files + 1)
    async with aclosing(_batches(history, rejects, engine.dialect)) as batches:
        async for batch in batches:
            report = _counted(report, batch, await _write(engine, batch))
            progress(history.position, history.size)
    if rejects.count:
        report = replace(report, rejects_files=(*report.rejects_files, rejects.path))
    return report


async def _batches(history: SendHistory, rejects: Rejects, dialect: Dialect) -> AsyncGenerator[_Batch]:
    """Give batches; while one is being written, the next is read."""
    rows = iter(history)
    upcoming = asyncio.create_task(_take(rows, dialect))
    try:
        while batch := await upcoming:
            upcoming = asyncio.create_task(_take(rows, dialect))
            for bad_row in batch.bad:
                rejects.add(bad_row)
            yield batch
    finally:
        upcoming.cancel()  # before the file is closed
        await asyncio.wait([upcoming])


async def _take(rows: Iterator[Delivery | BadRow], dialect: Dialect) -> _Batch | None:
    """Take a batch from *rows*; None at the end.

    Reading takes turns with writing in one thread: in two they would fight for the interpreter's lock, and
    both lose.
    """
    batch = _Batch()
    while batch.count < BATCH and (turn := [*islice(rows, _TURN)]):
        batch.good += rows_of(dialect, (row for row in turn if isinstance(row, Delivery)))
        batch.bad += (row for row in turn if isinstance(row, BadRow))
        await asyncio.sleep(0)
    return batch if batch.count else None


async def _write(engine: AsyncEngine, batch: _Batch) -> int:
    if not batch.good:
        return 0
    async with writing(engine, bulk=True) as connection:
        changed = await save_rows(connection, batch.good)
    if is_embedded(engine):
        await asyncio.sleep(_GAP)
    return changed


def _counted(report: ImportReport, batch: _Batch, changed: int) -> ImportReport:
    return replace(
        report,
        rows=report.rows + batch.count,
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
