import itertools
import re
from dataclasses import replace

import pytest

from bot.core.answer import Items, Page, Part
from bot.core.delivery import Method, Status
from bot.core.section import Section
from bot.core.words import Language
from bot.library import Library
from bot.library.pages import NEEDED, VARIABLES
from tests.goldens import Golden
from tests.knowledge.situations import BARE, GENERAL, INBOX, OWN, SECURE, SITUATIONS, as_markdown, told

BY_STATUS = tuple(Status)


def shape(part: Part) -> tuple[object, ...]:
    if isinstance(part, Items):
        return (Items, part.numbered, len(part.lines))
    return (type(part), sum(span.code for span in part.line))


def every_combination() -> list[dict[str, object]]:
    names = ("delivery", "method", "own_domain", "password", "overdue", "missing", "waiting")
    return [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(VARIABLES[name] for name in names))
    ]


# The situations in which a page reads differently.
GOLDENS = {
    "status": ["general"],
    "rejected": ["general", "secure-send", "own-domain-password", "client-inbox"],
    "suppressed": ["general", "secure-send", "own-domain-password"],
    "sent": ["general", "secure-send", "own-domain-password", "client-inbox"],
    "pending": ["general", "secure-send", "overdue"],
    "sender": ["general", "own-domain-password", "client-inbox"],
    "support": ["general"],
    "not-found": ["general", "missing"],
    "out-of-scope": ["general"],
    "help": ["general"],
    "handed-over": ["general", "secure-send"],
}


@pytest.mark.parametrize("name", NEEDED)
def test_a_page_looks_as_its_golden_files_do(library: Library, golden: Golden, name: str) -> None:
    for language, situation in itertools.product(Language, GOLDENS[name]):
        page = library.page(name, language, **SITUATIONS[situation])

        golden(f"{language}/{name}.{situation}.md", as_markdown(page))


@pytest.mark.parametrize("name", NEEDED)
def test_english_mirrors_japanese_part_by_part(library: Library, name: str) -> None:
    for variables in every_combination():
        ja, en = (library.page(name, language, **variables) for language in Language)

        assert [shape(part) for part in ja.parts] == [shape(part) for part in en.parts], variables


@pytest.mark.parametrize("name", NEEDED)
def test_every_page_says_something_in_every_situation(library: Library, name: str) -> None:
    for language, variables in itertools.product(Language, every_combination()):
        page = library.page(name, language, **variables)

        assert page.title
        assert len(page.title) <= 150
        assert page.summary.endswith(("。", "."))
        assert len(page.parts) >= 3
        assert len(page.text) <= 3000
        assert not re.search(r"None|\{|\}|[\ue000\ue001]", page.text)


# What must be said, and what must not, in both languages: the conditions of the FAQ.
INBOX_BY_WORDS: dict[str, object] = {
    "method": Method.CLIENT_INBOX,
    "own_domain": True,
    "header_from": "",
    "header_domain": "",
}
FACTS: list[tuple[str, dict[str, object], tuple[str, ...], tuple[str, ...]]] = [
    ("rejected", told(SECURE), ("bounce@makeleaps.com", "m.makeleaps.com", "24", "7"), ()),
    ("rejected", told(INBOX), ("bounce@makeleaps.com",), ()),
    ("rejected", told(OWN), ("billing@customer.example", "customer.example"), ("bounce@makeleaps.com",)),
    ("rejected", GENERAL, ("bounce@makeleaps.com", "メールドメイン指定", "セキュア送信"), ()),
    ("rejected", told(replace(INBOX, header_from="me@own.example")), ("bounce@makeleaps.com",), ("me@own",)),
    ("rejected", INBOX_BY_WORDS, ("bounce@makeleaps.com", "m.makeleaps.com", "- makeleaps.com"), ()),
    (
        "suppressed",
        told(SECURE),
        ("support@makeleaps.com", "「送信済み」", "24", "7", "bounce@makeleaps"),
        (),
    ),
    ("suppressed", told(OWN), ("support@makeleaps.com",), ("bounce@makeleaps.com",)),
    ("sent", told(SECURE), ("URL", "60", "m.makeleaps.com"), ("送付済み",)),
    ("sent", told(INBOX), ("bounce@makeleaps.com",), ("URL", "60")),
    ("sent", GENERAL, ("URL", "セキュア送信", "送付済み"), ()),
    ("pending", told(SECURE), ("support@makeleaps.com", "10", "20", "PATIENCE", "10:00–18:00"), ()),
    ("pending", told(SECURE, overdue=True, waiting="WAITING"), ("WAITING", "PATIENCE", "support@"), ()),
    ("sender", GENERAL, ("bounce-md…@m.makeleaps.com", "bounce@makeleaps.com", "notice@makeleaps.com"), ()),
    ("sender", told(OWN), ("billing@customer.example", "Return-Path"), ()),
    ("status", GENERAL, ("送付履歴", "詳細を表示", "ステータス", "送信結果待ち", "送信済み", "送付済み"), ()),
    ("support", GENERAL, ("support@makeleaps.com", "10:00–18:00"), ()),
    ("not-found", SITUATIONS["missing"], ("1734479364211706503", "a@example.jp", "19", "送付履歴"), ()),
    ("out-of-scope", GENERAL, ("notice@makeleaps.com", "support@makeleaps.com"), ()),
    ("help", GENERAL, ("1734479364211706503", "送信結果待ち"), ()),
    ("handed-over", told(SECURE), ("keiri@example.co.jp", "10:00–18:00", "support@makeleaps.com"), ()),
]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("name", "variables", "there", "not_there"), FACTS)
def test_a_page_holds_the_facts_of_its_situation(
    *,
    library: Library,
    language: Language,
    name: str,
    variables: dict[str, object],
    there: tuple[str, ...],
    not_there: tuple[str, ...],
) -> None:
    text = library.page(name, language, **variables).text.replace("〜", "–")

    assert [fact for fact in there if fact not in text] == []
    assert [fact for fact in not_there if fact in text] == []


@pytest.mark.parametrize("language", Language)
def test_password_mails_are_two_unless_it_had_none(library: Library, language: Language) -> None:
    two = "2通" if language is Language.JA else "two mails"

    for password, expected in ((True, True), (None, True), (False, False)):
        page = library.page("sent", language, **told(replace(SECURE, password=password)))
        assert (two in page.text) is expected


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("status", BY_STATUS)
def test_without_a_record_the_label_stands_on_the_page_verbatim(
    library: Library, language: Language, status: Status
) -> None:
    page = library.page(Section.of(status), language, **GENERAL)

    assert f"「{library.label(status)}」" in page.text


HOSTILE = (
    "**bold** _it_ `code` ~s~",
    "[click](https://evil.example) <https://evil.example> ![x](y)",
    "\n\n# heading\n- item\n1. item\n\n> quote\n| a |\n|---|\n",
    "<!channel> <@U123> <b>x</b> &amp; &lt;",
    "{{ 7*7 }} {% raw %} {labels}",
    "`` ` ``` \\ \\` ",
    "\u202egnp.exe\u2066 \ue0000\ue001 \ud800 \x00\x1b[31m\x07",
    "a" * 5000,
)


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_foreign_text_neither_formats_nor_adds_a_part(library: Library, name: str, hostile: str) -> None:
    tame = told(OWN, missing=("X",), waiting="X")
    wild = told(
        replace(OWN, recipient=hostile, send_id=hostile, header_from=hostile),
        own_domain=True,
        header_from=hostile,
        header_domain=hostile,
        missing=(hostile,),
        waiting=hostile,
        patience=hostile,
    )
    for language in Language:
        calm, page = (library.page(name, language, **variables) for variables in (tame, wild))

        assert [shape(part) for part in page.parts] == [shape(part) for part in calm.parts]
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000]", page.text)
        assert len(page.text) < 6000
        assert "\n" not in page.title + page.summary


def test_what_is_put_in_stands_on_the_page_as_it_is(library: Library) -> None:
    page = library.page(
        "rejected", Language.JA, **told(replace(BARE, recipient="**a**`b`<c>_{{d}}@example.jp"))
    )

    assert "**a**`b`<c>_{{d}}@example.jp" in page.text
    assert "**a**`b`<c>_{{d}}@example.jp" in page.summary


def test_the_same_page_answers_for_every_unknown_subject(library: Library) -> None:
    pages: list[Page] = [
        library.page("not-found", Language.JA, missing=(missing,)) for missing in ("111", "222")
    ]

    assert pages[0].text.replace("111", "222") == pages[1].text


def test_a_variable_that_no_page_has_is_refused(library: Library) -> None:
    with pytest.raises(TypeError, match="recipients"):
        library.page("sent", Language.JA, recipients=())
