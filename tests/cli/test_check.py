from __future__ import annotations

import signal

import pytest

from bot.cli.checking import AT_ONCE
from tests.cli.conftest import Program, hostile


async def test_check_prints_one_object_for_each_address_in_their_order(program: Program) -> None:
    ran = await program(
        "check", "--json", "taro@shop.test", "<x@nomail.test>", "x@gone.test", "x@broken.test", "no"
    )

    assert ran.status == 0
    assert [(o["input"], o["address"], o["verdict"]) for o in ran.json] == [
        ("taro@shop.test", "taro@shop.test", "ok"),
        ("<x@nomail.test>", "x@nomail.test", "fail"),
        ("x@gone.test", "x@gone.test", "fail"),
        ("x@broken.test", "x@broken.test", "unknown"),
        ("no", "no", "fail"),
    ]
    assert all(o.keys() == {"input", "address", "verdict", "findings"} for o in ran.json)
    assert all(f.keys() == {"check", "verdict", "code", "facts"} for o in ran.json for f in o["findings"])


async def test_check_reads_any_number_of_lines_from_a_pipe(program: Program) -> None:
    number = 3 * AT_ONCE
    lines = "".join(f"u{n}@shop.test\r\n\n" for n in range(number))
    ran = await program("check", "--json", "first@mill.test", "-", stdin=lines.encode())

    assert [o["input"] for o in ran.json] == ["first@mill.test", *(f"u{n}@shop.test" for n in range(number))]


async def test_check_answers_each_line_before_the_next_one_comes(program: Program) -> None:
    process = await program.start("check", "--json", "-")
    assert process.stdin and process.stdout
    process.stdin.write(b"taro@shop.test\n")
    first = await process.stdout.readline()
    process.stdin.write(b"x@nomail.test\n")
    second = await process.stdout.readline()
    await process.communicate(b"")

    assert b'"ok"' in first
    assert b'"null-mx"' in second


async def test_ctrl_c_ends_it_while_it_waits_for_the_next_line(program: Program) -> None:
    process = await program.start("check", "--json", "-")
    assert process.stdin and process.stdout
    process.stdin.write(b"taro@shop.test\n")
    await process.stdout.readline()
    process.send_signal(signal.SIGINT)

    assert await process.wait() == -signal.SIGINT  # which a shell calls 130


@pytest.mark.parametrize(
    ("address", "status"), [("x@nomail.test", 1), ("x@broken.test", 0), ("a@shop.test", 0)]
)
async def test_strict_fails_where_no_mail_can_arrive_and_nowhere_else(
    program: Program, address: str, status: int
) -> None:
    ran = await program("check", "--strict", "--json", address)

    assert ran.status == status


async def test_check_needs_no_database(program: Program) -> None:
    ran = await program(
        "check", "--json", "taro@shop.test", env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    )

    assert ran.status == 0


async def test_the_resolver_of_the_command_line_wins(program: Program) -> None:
    ran = await program("check", "--json", "taro@shop.test", "--resolver", "127.0.0.1:1")

    assert ran.json[0]["verdict"] == "unknown"


@pytest.mark.parametrize("resolver", ["nonsense", "127.0.0.1:99999", "dns.example:53"])
async def test_a_resolver_that_is_none_is_a_usage_error_with_its_cure(
    program: Program, resolver: str
) -> None:
    ran = await program("check", "taro@shop.test", "--resolver", resolver)

    assert ran.status == 2
    assert "127.0.0.1:53" in ran.err
    assert "Traceback" not in ran.err


async def test_hostile_addresses_are_checked_like_any_other(program: Program) -> None:
    written = [*hostile(), "x" * 40_000 + "@shop.test"]
    scripts = await program("check", "--json", "--", *written)
    people = await program("check", "--", *written)

    assert scripts.status == people.status == 0
    assert [o["input"] for o in scripts.json] == written
    assert not set("\x1b\x9b\x07\x08\u202e\u2028") & set(scripts.text + people.text)


async def test_bytes_that_are_no_text_are_shown_as_such(program: Program) -> None:
    ran = await program(
        "check", "--json", b"\xff\xed\xa0\x80@shop.test", "-", stdin=b"\xef\xbb\xbf\x93\xfa@shop.test"
    )

    assert ran.status == 0
    assert all("\ufffd" in o["input"] and o["input"].endswith("@shop.test") for o in ran.json)


async def test_people_read_findings_in_the_language_they_chose(program: Program) -> None:
    english = await program("check", "taro@shop.test", "--lang", "en")
    japanese = await program("check", "taro@shop.test")

    assert english.text.splitlines()[0] == japanese.text.splitlines()[0] == "taro@shop.test"
    assert english.text.isascii()
    assert not japanese.text.isascii()


async def test_a_reader_who_has_seen_enough_ends_it_quietly(program: Program) -> None:
    process = await program.start("check", "--json", *(f"u{n}@shop.test" for n in range(1000)))
    assert process.stdout and process.stderr
    await process.stdout.readline()
    process.stdout._transport.close()  # type: ignore[attr-defined]  # asyncio has no other way to close a pipe early
    complaints = await process.stderr.read()
    await process.wait()

    assert complaints == b""
