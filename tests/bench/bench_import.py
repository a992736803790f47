"""How fast is an import?  `python -m tests.bench.bench_import [ROWS]`

Writes an export of ROWS rows, then in turns, on empty databases of the same shape: a bare `executemany` of
the same rows, prebuilt in memory, through the same driver in one transaction; and the import of the file.
Each runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import asyncio
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import aiosqlite
import asyncpg

from bot.core.delivery import Delivery
from bot.importing import import_files
from bot.library import Library
from bot.sources.send_history import read
from bot.store import accounts
from bot.store.deliveries import Values, rows_of
from bot.store.engine import open_engine, writing
from bot.store.merge import COLUMNS
from bot.store.migrate import migrate
from tests.databases import PostgreSQL, new_database, postgresql_server

ROUNDS = 3
_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_REJECTED = "メールが宛先のシステムで拒否されました"
_STATUSES = ("送信済み", "送信済み", "送信済み", "送信結果待ち", _REJECTED)


def write_export(path: Path, rows: int) -> None:
    """Write *rows* rows as the screen would: three recipients a send, 200 accounts, 20,000 addresses."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(
            [
                "送付ID",
                "会社名",
                "宛先",
                "ステータス",
                "送付方法",
                "送信日時",
                "更新日時",
                "書類",
                "パスワード",
                "応答",
            ]
        )
        table.writerows(_row(number) for number in range(rows))


def _row(number: int) -> list[str]:
    send = number // 3
    sent_at = _START + timedelta(seconds=send)
    status = _STATUSES[number % len(_STATUSES)]
    return [
        str(1734479364211706503 + send * 7919),
        f"株式会社サンプル{send % 200}",
        f"keiri{number * 7919 % 20_000}@client{number * 104_729 % 5_000}.example.co.jp",
        status,
        "セキュア送信" if send % 2 else "取引先受信箱へ送信",
        sent_at.strftime("%Y-%m-%dT%H:%M:%S+09:00"),
        (sent_at + timedelta(seconds=number % 900)).strftime("%Y-%m-%dT%H:%M:%S+09:00"),
        f"請求書 {send}",
        "あり" if send % 4 else "なし",
        "550 5.1.1 <keiri@client.example.co.jp>: Recipient address rejected" if status == _REJECTED else "",
    ]


async def bare(url: str, path: Path) -> float:
    """Return the seconds that a bare executemany takes for the rows of *path*."""
    sqlite = url.startswith("sqlite")
    engine = open_engine(url)
    rows = rows_of(engine.dialect, _deliveries(path))
    await migrate(engine)
    async with writing(engine) as connection:
        await accounts.add(connection, {str(row[1]) for row in rows})
    await engine.dispose()
    return await (_bare_sqlite(url, rows) if sqlite else _bare_postgresql(url, rows))


def _deliveries(path: Path) -> Iterator[Delivery]:
    library = Library.open(trial=False)
    return (row for row in read(path, library.labels, library.methods) if isinstance(row, Delivery))


def _insert(*, numbered: bool) -> str:
    marks = [f"${number}" if numbered else "?" for number in range(1, len(COLUMNS) + 1)]
    return f"INSERT INTO deliveries ({', '.join(COLUMNS)}) VALUES ({', '.join(marks)})"  # noqa: S608


async def _bare_sqlite(url: str, rows: list[Values]) -> float:
    async with aiosqlite.connect(url.removeprefix("sqlite:///"), isolation_level=None) as connection:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            await connection.execute(f"PRAGMA {pragma}")
        started = time.perf_counter()
        await connection.execute("BEGIN IMMEDIATE")
        await connection.executemany(_insert(numbered=False), rows)
        await connection.execute("COMMIT")
        return time.perf_counter() - started


async def _bare_postgresql(url: str, rows: list[Values]) -> float:
    connection = await asyncpg.connect(url)
    try:
        started = time.perf_counter()
        async with connection.transaction():
            await connection.executemany(_insert(numbered=True), rows)
        return time.perf_counter() - started
    finally:
        await connection.close()


async def imported(url: str, path: Path) -> float:
    """Return the seconds that the import of *path* takes."""
    engine = open_engine(url)
    library = Library.open(trial=False)
    await migrate(engine)
    started = time.perf_counter()
    report = await import_files(engine, [path], library.labels, library.methods)
    seconds = time.perf_counter() - started
    await engine.dispose()
    if report.rejected or report.changed != report.rows:
        raise SystemExit(f"the import did something else: {report}")
    return seconds


WAYS = {"bare": bare, "import": imported}


def _measured(way: str, url: str, path: Path) -> tuple[float, float]:
    """Run *way* in a process of its own; return its seconds, and its peak memory in MB."""
    command = [sys.executable, "-m", "tests.bench.bench_import", way, url, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, kilobytes = json.loads(done.stdout)
    return seconds, kilobytes / 1024


def compare(name: str, urls: Iterator[str], path: Path, rows: int) -> None:
    """Measure both ways in turns and say how they compare."""
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    memory = dict.fromkeys(WAYS, 0.0)
    for _ in range(ROUNDS):
        for way in WAYS:
            seconds, megabytes = _measured(way, next(urls), path)
            times[way].append(seconds)
            memory[way] = max(memory[way], megabytes)
    for way, all_times in times.items():
        took = median(all_times)
        print(f"{name:10} {way:6} {took:7.2f} s {rows / took:9,.0f} rows/s  peak {memory[way]:6,.0f} MB")  # noqa: T201
    ratios = [slow / fast for slow, fast in zip(times["import"], times["bare"], strict=True)]
    print(f"{name:10} import / bare: {median(ratios):.2f} ({', '.join(f'{r:.2f}' for r in ratios)})")  # noqa: T201


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder, postgresql_server() as server:
        path = Path(folder) / "export.csv"
        write_export(path, rows)
        files = (f"sqlite:///{folder}/{number}.db" for number in range(1_000))
        compare("sqlite", files, path, rows)
        for old in Path(folder).glob("*.db*"):
            old.unlink()
        compare("postgresql", _new_databases(server), path, rows)


def _new_databases(server: PostgreSQL) -> Iterator[str]:
    """Give one database after the other; the one before is dropped, so that the disk does not fill."""
    while True:
        with new_database(server) as url:
            yield url


if __name__ == "__main__":
    if len(sys.argv) == 4:
        _, asked, address, export = sys.argv
        seconds_taken = asyncio.run(WAYS[asked](address, Path(export)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps([seconds_taken, peak]))  # noqa: T201
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
