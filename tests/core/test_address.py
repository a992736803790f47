"""Addresses as people write them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.address import comparable, domain_of, find_addresses, mask_addresses, normalise, plain

ODD = "@/&＠.。．｡…<>＜＞\"'=|()[]「」, \u3000\n\u200b\ufeff\u0301\u0316ﾞaAｂé日本ßİ%2+-_:mailto:\\"
texts = st.one_of(st.text(), st.text(alphabet=ODD), st.text(alphabet="aé日.@。\u200b\u0301 <>\"'|=,"))


@pytest.mark.parametrize(
    ("text", "address", "changes"),
    [
        ("taro@example.co.jp", "taro@example.co.jp", ()),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ", "taro@example.co.jp", ("full-width-narrowed",)),
        ("taro@example。co。jp", "taro@example.co.jp", ("dots-narrowed",)),
        ("taro@ex\u200bample.jp\ufeff", "taro@example.jp", ("invisible-removed",)),
        ("\u202etaro@example.jp", "taro@example.jp", ("invisible-removed",)),
        ("<mailto:a@b.jp|a@b.jp>", "a@b.jp", ("mailto-removed",)),
        ("MAILTO:taro%2Bx@example.jp?subject=hi", "taro+x@example.jp", ("mailto-removed",)),
        ('"山田 太郎" <yamada@example.jp>', "yamada@example.jp", ("display-name-removed",)),
        ("山田＜yamada@example.jp＞", "yamada@example.jp", ("full-width-narrowed", "display-name-removed")),
        ("Taro <mailto:a@b.jp>", "a@b.jp", ("display-name-removed", "mailto-removed")),
        ("yamada@example.jp (山田)", "yamada@example.jp", ("display-name-removed",)),
        ("<a@b.jp>,", "a@b.jp", ("wrapping-removed",)),
        ("「a@b.jp」。", "a@b.jp", ("wrapping-removed",)),
        ('"a@b.jp"', "a@b.jp", ("wrapping-removed",)),
        ("a@b.jp.", "a@b.jp", ("wrapping-removed",)),
        ("taro @ example. jp", "taro@example.jp", ("spaces-removed",)),
        ("<user@[192.0.2.1]>", "user@[192.0.2.1]", ("wrapping-removed",)),
        ("user@[IPv6:2001:db8::1]", "user@[IPv6:2001:db8::1]", ()),
        ('"a b"@example.jp', '"a b"@example.jp', ()),
        ("taro@例え.jp", "taro@例え.jp", ()),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp", ()),
        (".a@ezweb.ne.jp", ".a@ezweb.ne.jp", ()),
        ("a.@docomo.ne.jp", "a.@docomo.ne.jp", ()),
        ("", "", ()),
    ],
)
def test_one_address_is_repaired_and_every_repair_is_named(
    text: str, address: str, changes: tuple[str, ...]
) -> None:
    normalised = normalise(text)

    assert (normalised.address, normalised.changes) == (address, changes)


def test_a_space_inside_the_local_part_is_not_guessed_away() -> None:
    assert normalise("taro yamada@example.jp").address == "taro yamada@example.jp"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("宛先はtaro@example.co.jpです", ["taro@example.co.jp"]),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐへ", ["taro@example.co.jp"]),
        ("taro＠example。co。jp、至急", ["taro@example.co.jp"]),
        ("OK。taro@example.jp。Thanks", ["taro@example.jp"]),
        ("…taro@example.jp…", ["taro@example.jp"]),
        ("<mailto:a@b.jp|a@b.jp>", ["a@b.jp"]),
        ('"山田 太郎" <yamada@example.jp>', ["yamada@example.jp"]),
        ('{"to": "a@b.jp", "cc":["c@d.jp"]}', ["a@b.jp", "c@d.jp"]),
        ("to=<a@b.jp>, status=bounced", ["a@b.jp"]),
        ("?to=a@b.jp&to=c@d.jp", ["a@b.jp", "c@d.jp"]),
        ("a@b.jp/c@d.jp|r&d@b.jp", ["a@b.jp", "c@d.jp", "r&d@b.jp"]),
        ("email=taro@example.jp", ["taro@example.jp"]),
        ("prvs=0123=u@x.jp", ["prvs=0123=u@x.jp"]),
        ("=a@b.jp 'c@d.jp' `e@f.jp` *g@h.jp* ~i@j.jp~", ["a@b.jp", "c@d.jp", "e@f.jp", "g@h.jp", "i@j.jp"]),
        ("o'brien@example.ie", ["o'brien@example.ie"]),
        ("https://user@example.com/", ["user@example.com"]),
        ("a@b.jp, b@b.jp. A@B.jp a@b.jp", ["a@b.jp", "b@b.jp"]),
        (
            "a..b@docomo.ne.jp .a@ezweb.ne.jp a.@docomo.ne.jp",
            ["a..b@docomo.ne.jp", ".a@ezweb.ne.jp", "a.@docomo.ne.jp"],
        ),
        ("taro@例え.jpです taro@mail.例え.jp", ["taro@例え.jp", "taro@mail.例え.jp"]),
        ("taro@café.example taro@a.b.café.jp", ["taro@café.example", "taro@a.b.café.jp"]),
        ("taro@xn--r8jz45g.jp", ["taro@xn--r8jz45g.jp"]),
        ("@here *@b.jp a@localhost 1734479364211706503", []),
        ("\ud800@example.jp", []),
    ],
)
def test_addresses_are_found_in_running_text_in_order_and_each_once(text: str, found: list[str]) -> None:
    assert find_addresses(text) == found


def test_a_masked_text_keeps_nothing_of_an_address() -> None:
    masked = mask_addresses("<mailto:1734479364211706503@b.jp|1734479364211706503@b.jp> と 42")

    assert [word for word in masked.split() if any(map(str.isdigit, word))] == ["42"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Taro@Example.JP", "taro@example.jp"),
        ("ｔａｒｏ@example.jp", "taro@example.jp"),
        (" a@b.jp\u200b", "a@b.jp"),
    ],
)
def test_two_ways_of_writing_one_address_compare_equal(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("address", "domain"), [("a@b.jp", "b.jp"), ('"a@x"@b.jp', "b.jp"), ("a", ""), ("a@", "")]
)
def test_the_domain_stands_behind_the_last_at(address: str, domain: str) -> None:
    assert domain_of(address) == domain


@pytest.mark.parametrize("read", [plain, comparable, mask_addresses, lambda text: normalise(text).address])
@given(text=texts)
def test_reading_twice_changes_nothing_more(read: Callable[[str], str], text: str) -> None:
    once = read(text)

    assert read(once) == once


@given(text=texts)
def test_what_was_found_is_found_again_alone(text: str) -> None:
    assert all(find_addresses(address) == [address] for address in find_addresses(text))


@given(text=texts)
def test_nothing_is_found_in_a_masked_text(text: str) -> None:
    assert find_addresses(mask_addresses(text)) == []


HOSTILE = [
    "@" * 40_000,
    "<" + "@" * 40_000,
    "a" * 40_000,
    "a@" * 20_000,
    "a.b@" * 10_000,
    "mailto:<" * 5_000 + "a@b.jp",
    "<\"'" * 13_000 + "a@b.jp",
    "(" * 20_000 + "a@b.jp" + ")" * 20_000,
    "a@b" + " (" * 20_000 + ")",
    "a@" + "日." * 20_000,
    "@a。" * 13_000,
    '"a"@' * 10_000,
    "a@" + " . " * 10_000,
    "=" * 40_000 + "a@b.jp",
    "mailto:" + "%25" * 13_000,
    "\u0301\u0316" * 20_000,
    "ﾞ\u0316" * 20_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()
    for read in (plain, normalise, find_addresses, mask_addresses, comparable):
        read(text)

    # Tens of milliseconds; what is quadratic takes minutes, so the limit says nothing of the machine.
    assert time.process_time() - started < 20
