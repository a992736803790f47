"""Foreign words neither ping, link nor format, and never make a message that Slack refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.answer import Answer, Items, Part
from bot.core.section import Section
from bot.core.viewer import Role
from bot.core.words import Language
from bot.library import Library
from bot.playground.limits import check_message, check_view
from bot.playground.plain_text import plain
from bot.slack import modals
from bot.slack.blocks import Message
from tests.slack.foreign import PERMALINK, Foreign

VISIBLE = (
    "<!channel> <!here> <!everyone> <!subteam^S0TEAM>",
    "<@U0MORI> <#C0SUPPORT>",
    "<https://evil.example|click>",
    "*bold* _it_ ~s~ `code` ```pre```",
    "> quote",
    "• item\n1. item",
    "&lt;!here&gt; &amp;lt;!here&amp;gt;",
    "@channel @here @mori #delivery-support",
    "javascript:alert(1)",
    "http://evil.example https://evil.example/?a=1&b=<2>",
    "mailto:evil@evil.example evil@evil.example",
    ":rotating_light: :+1:",
    "{0.__class__} {self} {status!r:>99}",
    "{{7*7}} {% raw %} {{labels}}",
    "%s %(name)s %n $name ${name}",
    "](http://evil) [x](http://evil) ![x](http://evil)",
    '"},{"type":"broadcast","range":"channel"},{"',
    "\\u003c!channel\\u003e \\",
    "מייל שלום",
    "zero\u200bwidth\ufeff\u00ad",
    "😀🏳️‍🌈👨‍👩‍👧‍👦",
    "e" + "\u0301" * 200,
    "a\nb",
)
CONTROL = (
    "\u202egnp.exe\u2066 \u2028\u2029",
    "\x00\x1b[31m\x07\x08\x7f\x85\x9b31m",
    "a\r\nb\rc\td\x0b\x0c",
    "\ud83d alone \udc00",
    "\n\n",
    "\x00",
    "",
    " ",
)
LONG = ("x" * 5000, '"' * 5000, "漢" * 5000, "😀" * 5000, "&<>" * 2000, "\n" * 5000, "<!channel>" * 500)
HOSTILE = (*VISIBLE, *CONTROL, *LONG)

# What our messages are made of.  A type that is not here formats, links or pings by what its text says, or
# makes Slack look something up.
TYPES = {
    *("actions", "button", "context", "date", "divider", "header", "home", "input", "link", "modal"),
    *("overflow", "plain_text", "plain_text_input", "rich_text", "rich_text_list", "rich_text_quote"),
    *("rich_text_section", "text", "user"),
}
UNSHOWABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in *value*, however deep."""
    if isinstance(value, dict):
        yield value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inside)


def assert_harmless(blocks: Any) -> None:
    for node in nodes(json.loads(json.dumps(blocks))):
        if node.get("type") is not None:
            assert node["type"] in TYPES
        if node.get("type") == "user":
            assert node["user_id"] in {"U0HANA", "U0MORI", "U0YUKI"}
        if node.get("type") == "link":
            assert node["url"] == PERMALINK
        if node.get("type") == "text":
            assert set(node.get("style", {})) <= {"bold", "code"}
        assert not UNSHOWABLE.search(node["text"] if isinstance(node.get("text"), str) else "")


def assert_sayable(message: Message) -> None:
    check_message(message.text, list(message.blocks))
    assert_harmless(list(message.blocks))
    assert message.text.strip()
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", message.text)
    assert not UNSHOWABLE.search(message.text)


def assert_openable(view: dict[str, Any]) -> None:
    check_view(view)
    assert_harmless(view)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_message_pings_links_formats_or_is_refused(library: Library, text: str) -> None:
    for message in Foreign(library, text).messages():
        assert_sayable(message)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_dialog_pings_links_formats_or_is_refused(library: Library, text: str) -> None:
    for view in Foreign(library, text).views():
        assert_openable(view)


@settings(deadline=None, max_examples=60)
@given(
    text=st.text(),
    section=st.sampled_from(Section),
    language=st.sampled_from(Language),
    role=st.sampled_from(Role),
    way=st.integers(0, 3),
)
def test_no_text_at_all_does_in_an_answer(
    *, library: Library, text: str, section: Section, language: Language, role: Role, way: int
) -> None:
    foreign = Foreign(library, text)
    answer = foreign.answer(section, language, role, way)

    assert_sayable(foreign.message(answer, private=True, headline=foreign.changed(language)))


@settings(deadline=None, max_examples=20)
@given(text=st.text(min_size=1, max_size=2000))
def test_no_text_at_all_does_in_any_message_or_dialog(library: Library, text: str) -> None:
    foreign = Foreign(library, text)
    for message in foreign.messages():
        assert_sayable(message)
    for view in foreign.views():
        assert_openable(view)


@pytest.mark.parametrize("text", VISIBLE)
def test_what_was_given_is_shown_as_it_is(library: Library, text: str) -> None:
    foreign = Foreign(library, text)
    for language in Language:
        found = foreign.answer(Section.REJECTED, language, Role.STAFF)
        shown = plain(foreign.message(replace(found, findings=())).blocks)
        card = plain(foreign.card(foreign.resolved(language)).blocks)
        modal = plain(details_of(foreign, found))

        assert shown.count(text) >= 7  # send ID, recipient, document, account, source, reply, missing
        assert card.count(text) >= 7  # company, send ID, recipient, status, reply, question, note, resolution
        assert modal.count(text) >= 6


def details_of(foreign: Foreign, answer: Answer) -> Any:
    return modals.details(answer, foreign.library.words(answer.language))["blocks"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("section", [Section.REJECTED, Section.SENT, Section.PENDING, Section.NOT_FOUND])
def test_the_longest_answer_fits_and_its_page_and_next_steps_are_whole(
    library: Library, language: Language, text: str, section: Section
) -> None:
    foreign = Foreign(library, text)
    answer = foreign.answer(section, language, Role.STAFF, way=1)
    many = replace(answer, deliveries=answer.deliveries * 200, missing=(text,) * 20)
    words = library.words(language)
    pointer = "command:" + "9" * 120

    message = foreign.message(many, private=True, headline=foreign.changed(language), pointer=pointer)
    shown = plain(message.blocks)

    assert_sayable(message)
    assert all(words.say(f"next.{step.what}") in shown for step in answer.steps)
    assert all(own in shown for own in own_words(answer.page.parts))
    assert not answer.delivery or library.label(answer.delivery.status) in shown


def own_words(parts: tuple[Part, ...]) -> Iterator[str]:
    """Yield the stretches of a page that are ours, without the values that were put in."""
    for part in parts:
        for line in part.lines if isinstance(part, Items) else [part.line]:
            yield from (span.text for span in line if not span.code and len(span.text) < 300)


@pytest.mark.parametrize("text", LONG)
def test_the_fullest_card_fits_with_its_case_and_its_buttons(library: Library, text: str) -> None:
    for language in Language:
        foreign = Foreign(library, text)
        card = foreign.card(foreign.case(language), *[text * 8] * 30)

        assert_sayable(card)
        assert "#7" in plain(card.blocks)
        assert card.blocks[-1]["type"] == "actions"


def test_a_note_of_ordinary_length_stands_whole_on_the_card_and_in_what_the_asker_is_told(
    library: Library,
) -> None:
    ordinary = Foreign(library, "taro@shop.test")
    note = "お世話になっております。" * 80
    resolved = replace(ordinary.resolved(Language.JA), resolution=note)

    assert plain(ordinary.card(resolved, note).blocks).count(note) == 2


def test_an_answer_of_ordinary_length_loses_nothing(library: Library) -> None:
    ordinary = Foreign(library, "taro.yamada@example.co.jp")
    answer = ordinary.answer(Section.SENT, Language.JA, Role.CUSTOMER, way=1)
    findings = answer.findings[:6]
    ten = replace(answer, deliveries=answer.deliveries * 10, findings=findings, missing=())

    shown = plain(ordinary.message(ten).blocks)

    assert shown.count(library.label(answer.deliveries[0].status)) >= 10
    assert "…" not in shown


def test_a_dialog_about_a_send_with_hundreds_of_recipients_opens(library: Library) -> None:
    for text in ("taro@shop.test", *LONG):
        foreign = Foreign(library, text)
        answer = foreign.answer(Section.SENT, Language.EN, Role.STAFF)
        many = replace(answer, deliveries=answer.deliveries * 300)

        check_view(modals.details(many, library.words(Language.EN)))
