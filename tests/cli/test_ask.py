from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from bot.core.delivery import Status
from tests.cli.conftest import Program, Ran, hostile
from tests.house import a_delivery

MINE, FOREIGN, UNKNOWN = "1000000000000000001", "2000000000000000002", "9000000000000000009"
KEYS = {"section", "language", "deliveries", "findings", "page", "next", "hand_over"}


@pytest.fixture
async def known(program: Program) -> Program:
    await program.knows(
        a_delivery(Status.REJECTED, reply="550 5.1.1 user unknown"),
        a_delivery(Status.SUPPRESSED, send_id=FOREIGN, account="Rival", recipient="jiro@mill.test"),
        a_delivery(Status.PENDING, send_id="3000000000000000003", age=timedelta(days=3)),
    )
    return program


async def test_the_answer_is_one_line_of_json(known: Program) -> None:
    ran = await known("ask", f"Why was {MINE} not delivered?", "--json")
    [answer] = ran.json
    [delivery] = answer["deliveries"]

    assert ran.status == 0
    assert ran.out.count(b"\n") == 1
    assert answer.keys() >= KEYS
    assert (answer["section"], answer["language"], answer["hand_over"]) == ("rejected", "en", False)
    assert (delivery["send_id"], delivery["recipient"], delivery["status"]) == (
        MINE,
        "taro@shop.test",
        "rejected",
    )
    assert delivery.keys() >= {"since", "source", "reason"}
    assert {"check", "verdict", "code", "facts"} == answer["findings"][0].keys()
    assert answer["next"][0].keys() >= {"who", "what"}


async def test_pending_for_too_long_is_handed_over(known: Program) -> None:
    [answer] = (await known("ask", "3000000000000000003", "--json")).json

    assert (answer["section"], answer["hand_over"]) == ("pending", True)


async def test_staff_see_the_evidence_and_a_customer_the_page(known: Program) -> None:
    [staff] = (await known("ask", MINE, "--json")).json
    [customer] = (await known("ask", MINE, "--json", "--as", "Acme")).json

    assert (staff["deliveries"][0]["account"], staff["deliveries"][0]["reply"]) == (
        "Acme",
        "550 5.1.1 user unknown",
    )
    assert not {"account", "reply"} & customer["deliveries"][0].keys()
    assert staff["page"] == customer["page"]


async def test_a_stranger_gets_the_pages_without_facts(known: Program) -> None:
    [answer] = (await known("ask", f"{MINE} taro@shop.test", "--json", "--as", "stranger")).json

    assert answer["section"] == "not-found"
    assert answer["deliveries"] == answer["findings"] == []


def said(ran: Ran, subject: str) -> str:
    """Return all that was said, with what was asked for blotted out."""
    return ran.text.replace(subject, "SUBJECT").replace(subject.partition("@")[0], "SUBJECT")


@pytest.mark.parametrize("viewer", ["Acme", "stranger"])
@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize(("unknown", "foreign"), [(UNKNOWN, FOREIGN), ("saburo@mill.test", "jiro@mill.test")])
async def test_unknown_and_foreign_mail_get_the_same_answer(
    known: Program, viewer: str, form: tuple[str, ...], unknown: str, foreign: str
) -> None:
    async def ask(subject: str) -> str:
        return said(await known("ask", subject, "--as", viewer, *form), subject)

    first, second = await asyncio.gather(ask(unknown), ask(foreign))

    assert first == second


async def test_an_unknown_address_and_an_unknown_id_are_the_same_page(known: Program) -> None:
    [by_id] = (await known("ask", UNKNOWN, "--json", "--as", "Acme")).json
    [by_address] = (await known("ask", "saburo@mill.test", "--json", "--as", "Acme")).json

    assert by_id["section"] == by_address["section"] == "not-found"
    assert by_id["next"] == by_address["next"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("送信結果待ちのままです", "ja"), ("It is still pending, what now?", "en")],
)
async def test_the_language_is_that_of_the_question_unless_one_is_named(
    program: Program, text: str, language: str
) -> None:
    [heard] = (await program("ask", text, "--json")).json
    [chosen] = (await program("ask", text, "--json", "--lang", "en")).json

    assert (heard["section"], heard["language"]) == ("pending", language)
    assert chosen["language"] == "en"


async def test_people_read_the_label_verbatim_in_a_pipe_without_colours(known: Program) -> None:
    ran = await known("ask", MINE, "--lang", "en")

    assert ran.status == 0
    assert "メールが宛先のシステムで拒否されました" in ran.text
    assert "taro@shop.test" in ran.text
    assert "JST" in ran.text
    assert "550 5.1.1 user unknown" in ran.text
    assert "\x1b" not in ran.text


async def test_the_question_may_come_from_a_pipe(known: Program) -> None:
    [answer] = (await known("ask", "-", "--json", stdin=f"\ufeff送信ID {MINE}\r\n".encode())).json

    assert answer["section"] == "rejected"


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}])
async def test_json_is_utf8_whatever_the_locale(known: Program, locale: dict[str, str]) -> None:
    scripts = await known("ask", f"{MINE} はどうなりましたか", "--json", env=locale)
    people = await known("ask", f"{MINE} はどうなりましたか", env=locale)

    assert scripts.json[0]["language"] == "ja"
    assert people.status == 0


async def test_bytes_that_are_no_text_do_not_hide_what_is(known: Program) -> None:
    broken = b"\xff\xfe " + MINE.encode() + b" \xed\xa0\x80 \x93\xfa\x96{"
    [typed] = (await known("ask", broken, "--json")).json
    [piped] = (await known("ask", "-", "--json", stdin=b"\x00" + broken + b"\x00")).json

    assert typed["section"] == piped["section"] == "rejected"


@pytest.mark.parametrize("text", ["\n".join(hostile()), " ", "あ" * 40_000, "@" * 40_000])
async def test_any_text_at_all_gets_an_answer(program: Program, text: str) -> None:
    ran = await program("ask", "--json", "--", text)

    assert (ran.status, ran.err) == (0, "")
    assert ran.json[0].keys() >= KEYS


async def test_foreign_text_commands_no_terminal(program: Program) -> None:
    nasty = "".join(hostile()[:8])
    await program.knows(
        a_delivery(
            Status.REJECTED, recipient=f"x{nasty}@shop.test", document=nasty, reply=nasty, source=nasty
        )
    )
    people = await program("ask", MINE)
    scripts = await program("ask", MINE, "--json")

    assert people.status == scripts.status == 0
    assert not set("\x1b\x9b\x07\x08\x0b\x0c\r\u202e\u2066\u2028\x85") & set(people.text + scripts.text)
    assert "[red]markup[/red]" in people.text
    assert "{0.__class__.__mro__}" in json.loads(scripts.out)["deliveries"][0]["document"]


async def test_a_database_that_is_not_there_is_one_sentence(program: Program) -> None:
    ran = await program("ask", MINE, env={"DATABASE_URL": "postgresql://desk:hunter2@127.0.0.1:1/desk"})

    assert ran.status == 3
    assert ran.out == b""
    assert "DATABASE_URL" in ran.err
    assert "hunter2" not in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PATIENCE", "soon"),
        ("SEND_ID_PATTERN", "("),
        ("DNS_RESOLVER", "nonsense"),
        ("DEFAULT_LANGUAGE", "fr"),
    ],
)
async def test_a_setting_that_cannot_be_read_is_named(program: Program, variable: str, value: str) -> None:
    ran = await program("ask", "help", env={variable: value})

    assert ran.status == 2
    assert variable in ran.err
    assert "Traceback" not in ran.err
