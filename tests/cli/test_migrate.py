from __future__ import annotations

from tests.cli.conftest import Program


async def test_migrate_says_what_it_did(program: Program, database_url: str) -> None:
    first = await program("migrate", env={"DATABASE_URL": database_url})
    second = await program("migrate", env={"DATABASE_URL": database_url})

    assert first.status == second.status == 0
    assert "created the tables" in first.text
    assert "nothing to do" in second.text


async def test_postgresql_is_migrated_by_hand_and_the_file_by_itself(
    program: Program, database_url: str
) -> None:
    before = await program("ask", "help", "--json", env={"DATABASE_URL": database_url})
    await program("migrate", env={"DATABASE_URL": database_url})
    after = await program("ask", "help", "--json", env={"DATABASE_URL": database_url})

    assert before.status == (3 if database_url.startswith("postgresql") else 0)
    assert before.status == 0 or "python -m bot migrate" in before.err
    assert after.status == 0
