"""Slack's markup ⇄ plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.address import find_addresses
from bot.slack.text import clip, escape, plain


@pytest.mark.parametrize(
    ("markup", "typed"),
    [
        ("<@U0DESK> 1734479364211706503", "1734479364211706503"),
        ("<mailto:taro@example.jp|taro@example.jp> に届かない", "taro@example.jp に届かない"),
        ("see <http://example.jp|example.jp>", "see example.jp"),
        ("<https://example.jp/a?b=1&amp;c=2>", "https://example.jp/a?b=1&c=2"),
        ("<#C0ACME|acme-docs> is the channel", "#acme-docs is the channel"),
        ("<!channel> hello", "hello"),
        ("<!date^1764000000^{date}|24 November>", "24 November"),
        ("<tel:1734479364211706503|1734479364211706503>", "1734479364211706503"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("Taro <taro@example.jp>", "Taro <taro@example.jp>"),
        ("", ""),
    ],
)
def test_markup_becomes_what_was_typed(markup: str, typed: str) -> None:
    assert plain(markup) == typed


@given(st.text())
def test_escaped_text_starts_no_markup_and_comes_back_whole(text: str) -> None:
    escaped = escape(text)

    assert "<" not in escaped
    assert ">" not in escaped
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@given(st.text(max_size=200))
def test_any_markup_can_be_read(markup: str) -> None:
    assert isinstance(plain(markup), str)


def test_an_address_survives_slack() -> None:
    assert find_addresses(plain("<mailto:a.b@example.co.jp|a.b@example.co.jp>です")) == ["a.b@example.co.jp"]


@pytest.mark.parametrize(("text", "limit", "cut"), [("abc", 3, "abc"), ("abcd", 3, "ab…")])
def test_what_is_cut_shows_it(text: str, limit: int, cut: str) -> None:
    assert clip(text, limit) == cut
