"""An import keeps the good rows, writes the bad ones beside, and may be repeated or killed at any moment."""

from __future__ import annotations

import asyncio
import csv
import json
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import importing
from bot.importing import FileReport, ImportReport, import_files
from bot.sources.send_history import SourceError
from bot.store import accounts, deliveries
from bot.store.engine import reading, writing
from tests.sources.exports import LABELS, METHODS, SHORT, write


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 7)
    monkeypatch.setattr(importing, "_TURN", 7)


def table(first: int, last: int, status: str = "sent") -> str:
    return "".join(f"{n},account {n % 3},r{n}@x.example,{status}\n" for n in range(first, last))


async def kept(engine: AsyncEngine) -> list[tuple[str, str]]:
    async with reading(engine) as connection:
        found = await connection.execute(text("SELECT send_id, status FROM deliveries ORDER BY id"))
        return [(str(row.send_id), str(row.status)) for row in found]


@pytest.mark.usefixtures("small_batches")
async def test_every_good_row_goes_in_and_the_report_counts(engine: AsyncEngine, tmp_path: Path) -> None:
    path = write(tmp_path, SHORT + table(0, 50) + "bad\n" + table(50, 60))
    report = await import_files(engine, [path], LABELS, METHODS)

    assert sorted(await kept(engine), key=lambda row: int(row[0])) == [(str(n), "sent") for n in range(60)]
    assert (report.rows, report.imported, report.changed, report.rejected) == (61, 60, 60, 1)
    assert [row.line for row in report.bad_rows] == [52]


async def test_each_file_is_counted_by_itself(engine: AsyncEngine, tmp_path: Path) -> None:
    good = write(tmp_path, SHORT + table(0, 3), name="good.csv")
    bad = write(tmp_path, SHORT + "bad\n" * 30 + table(3, 5), name="bad.csv")
    report = await import_files(engine, [good, bad], LABELS, METHODS)

    assert [(file.path, file.rows, file.imported, file.rejected) for file in report.files] == [
        (good, 3, 3, 0),
        (bad, 32, 2, 30),
    ]
    assert (report.rows, report.imported, report.rejected) == (35, 5, 30)
    assert [len(file.bad_rows) for file in report.files] == [0, importing.SHOWN]
    assert report.rejects_files == (tmp_path / "bad.rejects.csv",)


@pytest.mark.parametrize("name", ["株式会社〜青空〜", "青空−東京", "青空‖東京", "¢£¬"])
async def test_one_company_is_one_account_whatever_the_file_was_saved_as(
    engine: AsyncEngine, tmp_path: Path, name: str
) -> None:
    windows = name.translate(str.maketrans("〜−‖¢£¬", "～－∥￠￡￢"))
    told = [(name, "utf-8"), (windows, "utf-8"), (windows, "cp932"), (name, "utf-16")]
    for account, encoding in told:
        path = write(tmp_path, f"{SHORT}1,{account},a@x.example,送信済み\n", encoding=encoding)
        await import_files(engine, [path], LABELS, METHODS)
    async with reading(engine) as connection:
        known = await accounts.all_accounts(connection)

    assert known == [windows]


async def test_a_repeated_import_doubles_and_changes_nothing(engine: AsyncEngine, tmp_path: Path) -> None:
    path = write(tmp_path, SHORT + table(0, 30))
    await import_files(engine, [path], LABELS, METHODS)
    before = await kept(engine)
    again = await import_files(engine, [path], LABELS, METHODS)

    assert (again.imported, again.changed) == (30, 0)
    assert await kept(engine) == before


async def test_a_newer_export_changes_what_it_says_anew(engine: AsyncEngine, tmp_path: Path) -> None:
    old = write(tmp_path, SHORT + table(0, 10, "pending"), name="old.csv")
    new = write(tmp_path, SHORT + table(0, 4, "sent") + table(4, 10, "pending"), name="new.csv")
    report = await import_files(engine, [old, new], LABELS, METHODS)

    assert [(file.path, file.rows, file.changed) for file in report.files] == [(old, 10, 10), (new, 10, 4)]
    assert (report.rows, report.changed) == (20, 14)
    assert [status for _, status in sorted(await kept(engine))] == ["sent"] * 4 + ["pending"] * 6


@pytest.mark.usefixtures("small_batches")
async def test_an_import_that_dies_midway_and_is_repeated_ends_the_same(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, SHORT + table(0, 50))
    whole = deliveries.save_rows
    calls = iter(range(100))

    async def dies(connection: AsyncConnection, rows: list[deliveries.Values]) -> int:
        written = await whole(connection, rows)
        if next(calls) == 3:
            raise ConnectionAbortedError
        return written

    monkeypatch.setattr(importing, "save_rows", dies)
    with pytest.raises(ConnectionAbortedError):
        await import_files(engine, [path], LABELS, METHODS)
    midway = len(await kept(engine))
    monkeypatch.setattr(importing, "save_rows", whole)
    report = await import_files(engine, [path], LABELS, METHODS)

    assert midway == 21  # three whole batches; the fourth was rolled back
    assert report.changed == 29
    assert len(await kept(engine)) == 50


async def test_bad_rows_are_written_beside_the_file_and_may_be_imported_once_mended(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    cp932 = (SHORT + "1,株式会社青空,nobody,sent\n2,A,b@x.example,sent\n").encode("cp932")
    report = await import_files(engine, [write(tmp_path, cp932)], LABELS, METHODS)
    rejects = tmp_path / "history.rejects.csv"
    written = rejects.read_bytes()
    rejects.write_text(rejects.read_text("utf-8-sig").replace("nobody", "a@x.example"), "utf-8")
    mended = await import_files(engine, [rejects], LABELS, METHODS)

    assert report.rejects_files == (rejects,)
    assert written.startswith(b"\xef\xbb\xbf")
    assert [*csv.reader(written.decode("utf-8-sig").splitlines())] == [
        ["send_id", "account", "recipient", "status", "line", "reason"],
        ["1", "株式会社青空", "nobody", "sent", "2", "recipient 'nobody' is not a mail address"],
    ]
    assert (mended.imported, mended.rejected) == (1, 0)


async def test_bad_json_lines_are_written_as_json_lines(engine: AsyncEngine, tmp_path: Path) -> None:
    path = write(tmp_path, '{"send_id": 1}\nnonsense\n[]\n', name="history.jsonl")
    path.write_text('{"send_id": 1}\nnonsense\n')
    folder = tmp_path / "rejects"
    report = await import_files(engine, [path], LABELS, METHODS, rejects_dir=folder)
    lines = [json.loads(line) for line in (folder / "history.rejects.jsonl").read_text().splitlines()]

    assert report == ImportReport(
        (
            FileReport(
                path=path,
                rejected=2,
                rejects_file=folder / "history.rejects.jsonl",
                bad_rows=report.bad_rows,
            ),
        )
    )
    assert [(line.get("send_id"), line.get("raw"), line["line"]) for line in lines] == [
        (1, None, 1),
        (None, "nonsense", 2),
    ]


async def test_without_bad_rows_no_rejects_file_is_left(engine: AsyncEngine, tmp_path: Path) -> None:
    stale = write(tmp_path, "from an earlier import", name="history.rejects.csv")
    report = await import_files(engine, [write(tmp_path, SHORT + table(0, 3))], LABELS, METHODS)

    assert not stale.exists()
    assert report.rejects_files == ()


async def test_a_file_without_its_columns_stops_the_import_before_the_first_row(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    good = write(tmp_path, SHORT + table(0, 3), name="good.csv")
    bad = write(tmp_path, "send_id,account\n", name="bad.csv")

    with pytest.raises(SourceError, match="no column recipient"):
        await import_files(engine, [good, bad], LABELS, METHODS)
    assert await kept(engine) == []


async def test_two_files_of_one_name_would_overwrite_each_others_rejects(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = [write(tmp_path / name, SHORT) for name in "ab"]

    with pytest.raises(SourceError, match="its rejects would overwrite"):
        await import_files(engine, files, LABELS, METHODS, rejects_dir=tmp_path)


async def test_mended_rejects_are_never_overwritten_before_they_are_read(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    mended = write(tmp_path, SHORT + table(0, 3), name="history.rejects.csv")
    files = [write(tmp_path, SHORT + "bad\n"), mended]

    with pytest.raises(SourceError, match=r"would overwrite .*history\.rejects\.csv"):
        await import_files(engine, files, LABELS, METHODS)
    assert mended.exists()


@pytest.mark.usefixtures("small_batches")
async def test_progress_grows_to_the_size_of_all_files(engine: AsyncEngine, tmp_path: Path) -> None:
    files = [write(tmp_path, SHORT + table(0, 40), name=name) for name in ("a.csv", "b.csv")]
    told: list[tuple[int, int]] = []
    await import_files(
        engine, files, LABELS, METHODS, progress=lambda done, total: told.append((done, total))
    )
    size = sum(path.stat().st_size for path in files)

    assert told == sorted(told)
    assert told[-1] == (size, size)
    assert {total for _, total in told} == {size}


@pytest.mark.usefixtures("small_batches")
async def test_others_write_while_an_import_is_under_way(engine: AsyncEngine, tmp_path: Path) -> None:
    path = write(tmp_path, SHORT + table(0, 300))
    under_way = asyncio.create_task(import_files(engine, [path], LABELS, METHODS))
    written = 0
    while not under_way.done():
        async with writing(engine) as connection:
            await accounts.add(connection, [f"other {written}"])
        written += 1
    report = await under_way

    assert report.imported == 300
    assert written > 3


async def test_an_account_never_overwrites_anothers_row(engine: AsyncEngine, tmp_path: Path) -> None:
    path = write(tmp_path, SHORT + "1,A,a@x.example,sent\n1,B,a@x.example,rejected\n")
    await import_files(engine, [path], LABELS, METHODS)
    async with reading(engine) as connection:
        mine = await deliveries.by_send_ids(connection, ["1"], account="A")

    assert [delivery.status for delivery in mine] == ["sent"]


async def test_memory_does_not_grow_with_the_file(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 500)
    peaks = []
    for rows in (2_000, 8_000):
        path = write(tmp_path, SHORT + table(0, rows), name=f"{rows}.csv")
        tracemalloc.start()
        await import_files(engine, [path], LABELS, METHODS)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.5 * peaks[0]
