from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Program

EXPORT = """送信ID,会社名,宛先メールアドレス,ステータス,送信日時
1000000000000000001,株式会社アクメ,taro@shop.test,送信済み,2026/04/01 10:00
1000000000000000002,株式会社アクメ,hanako@shop.test,送信結果待ち,2026/04/01 10:05
"""
BAD = "1000000000000000003,株式会社アクメ,jiro@shop.test,わからない,2026/04/01 10:06\n"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Give an export as Excel in Japan saves it."""
    return written(tmp_path / "送信履歴.csv", EXPORT)


def written(file: Path, text: str) -> Path:
    file.write_bytes(text.encode("cp932"))
    return file


async def test_an_export_of_excel_goes_in_and_is_found(program: Program, export: Path) -> None:
    ran = await program("import", export)
    [answer] = (await program("ask", "1000000000000000001", "--as", "株式会社アクメ", "--json")).json

    assert (ran.status, ran.err) == (0, "")
    assert "2 imported" in ran.text
    assert [(d["recipient"], d["status"]) for d in answer["deliveries"]] == [("taro@shop.test", "sent")]


async def test_importing_again_changes_nothing(program: Program, export: Path) -> None:
    [first] = (await program("import", export, "--json")).json
    [second] = (await program("import", export, "--json")).json

    assert (first["imported"], first["changed"]) == (2, 2)
    assert (second["imported"], second["changed"]) == (2, 0)
    assert second["files"] == 1
    assert second["by_file"] == [{"file": str(export), "rows": 2, "imported": 2, "changed": 0, "rejected": 0}]


async def test_of_several_files_each_has_its_line(program: Program, export: Path, tmp_path: Path) -> None:
    more = written(tmp_path / "more.csv", EXPORT.replace("\n1", "\n2") + BAD)
    both = await program("import", export, more)
    one = await program("import", export)

    assert f"{export}: 2 rows, 2 imported (2 new or changed), 0 rejected" in both.text
    assert f"{more}: 3 rows, 2 imported (2 new or changed), 1 rejected" in both.text
    assert "2 file(s): 5 rows, 4 imported (4 new or changed), 1 rejected" in both.text
    assert one.text.strip() == "1 file(s): 2 rows, 2 imported (0 new or changed), 0 rejected"


async def test_methods_are_called_as_the_knowledge_says(program: Program, tmp_path: Path) -> None:
    table = EXPORT.replace("送信日時", "送付方法").replace("2026/04/01 10:00", "セキュア送付")
    export = written(tmp_path / "methods.csv", table.replace(",2026/04/01 10:05", ","))
    ran = await program("import", export)
    [answer] = (await program("ask", "1000000000000000001", "--json")).json

    assert ran.status == 0
    assert answer["deliveries"][0]["method"] == "secure_send"


async def test_bad_rows_are_named_kept_and_seen_in_the_exit_status(
    program: Program, export: Path, tmp_path: Path
) -> None:
    written(export, EXPORT + BAD)
    ran = await program("import", export, "--rejects", tmp_path / "rejected")
    rejects = tmp_path / "rejected" / "送信履歴.rejects.csv"

    assert ran.status == 1
    assert "2 imported" in ran.text
    assert f"{export.name}:4: " in ran.text
    assert str(rejects) in ran.text
    assert "jiro@shop.test" in rejects.read_text(encoding="utf-8-sig")


async def test_quiet_says_nothing_when_nothing_is_wrong(program: Program, export: Path) -> None:
    ran = await program("import", export, "--quiet")

    assert (ran.status, ran.out, ran.err) == (0, b"", "")


@pytest.mark.parametrize("name", ["missing.csv", ".", "nonsense.csv"])
async def test_what_cannot_be_read_is_one_sentence_and_nothing_goes_in(
    program: Program, export: Path, tmp_path: Path, name: str
) -> None:
    written(tmp_path / "nonsense.csv", "one,two\n1,2\n")
    ran = await program("import", export, name)
    [answer] = (await program("ask", "1000000000000000001", "--json")).json

    assert ran.status == 3
    assert name in ran.err
    assert "Traceback" not in ran.err
    assert answer["section"] == "not-found"
