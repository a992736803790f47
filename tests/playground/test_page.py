"""The page lets in whoever sits at this machine, and no foreign site; what it shows cannot become markup."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.mrkdwn import Names, to_html
from bot.playground.rendering import Idea, Place, Rendering
from bot.playground.standin import StandIn
from tests.playground.toy_bot import form

NAMES = Names({"U0HANA": "Hana <b>"}, {"C0ACME": "acme-docs"})


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as http:
        yield http


async def token_of(slack: StandIn, http: aiohttp.ClientSession) -> str:
    async with http.get(f"{slack.origin}/") as answer:
        found = re.search(r'name="token" content="([^"]+)"', await answer.text())
    assert found
    return found[1]


async def test_a_foreign_host_or_origin_gets_nothing(slack: StandIn, http: aiohttp.ClientSession) -> None:
    token = {"X-Playground-Token": await token_of(slack, http)}
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        async with http.get(f"{slack.origin}/", headers=headers) as read:
            assert read.status == 403
        said = {"as": "hana", "channel": "C0ACME", "text": "x"}
        async with http.post(f"{slack.origin}/page/say", json=said, headers=headers | token) as wrote:
            assert wrote.status == 403
    assert slack.messages("#acme-docs") == []


async def test_doing_something_takes_the_pages_token(slack: StandIn, http: aiohttp.ClientSession) -> None:
    said = {"as": "hana", "channel": "C0ACME", "text": "x"}
    async with http.post(f"{slack.origin}/page/say", json=said) as answer:
        assert answer.status == 403
    async with http.post(
        f"{slack.origin}/page/say", data="x", headers={"X-Playground-Token": "wrong"}
    ) as answer:
        assert answer.status == 403
    assert slack.messages("#acme-docs") == []


BAD = {
    "no person": {},
    "nobody": {"as": "nobody", "channel": "C0ACME", "text": "x"},
    "a channel of others": {"as": "sam", "channel": "C0ACME", "text": "x"},
    "no channel": {"as": "hana", "channel": "C0NOWHERE", "text": "x"},
    "nothing said": {"as": "hana", "channel": "C0ACME", "text": " "},
    "no object": ["x"],
}


@pytest.mark.parametrize("args", BAD.values(), ids=BAD.keys())
async def test_what_a_person_cannot_do_is_refused(
    slack: StandIn, http: aiohttp.ClientSession, args: object
) -> None:
    token = {"X-Playground-Token": await token_of(slack, http)}
    async with http.post(f"{slack.origin}/page/say", json=args, headers=token) as answer:
        assert answer.status == 400
    assert slack.workspace.messages == {}


async def test_nobody_clicks_on_what_only_another_sees(slack: StandIn, http: aiohttp.ClientSession) -> None:
    slack.workspace.open_modal("U0HANA", form())
    modal = slack.modal("hana")
    assert modal is not None
    token = {"X-Playground-Token": await token_of(slack, http)}
    click = {"as": "ben", "view": modal.id, "block": "b", "action": "a"}
    async with http.post(f"{slack.origin}/page/click", json=click, headers=token) as answer:
        assert answer.status == 400


async def test_the_page_forbids_foreign_scripts(slack: StandIn, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{slack.origin}/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        html = await answer.text()

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script[^>]*>[^<]", html) == []
    assert re.findall(r'\son\w+="', html) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', html) == []


async def test_a_permalink_leads_to_its_message(slack: StandIn, http: aiohttp.ClientSession) -> None:
    said = await slack.says("here", channel="#acme-docs")
    link = f"{slack.origin}/archives/C0ACME/p{said.ts.replace('.', '')}"
    async with http.get(link) as answer:
        assert "here" in await answer.text()


async def test_ideas_lead_to_their_person_and_channel(slack: StandIn) -> None:
    rendering = Rendering(slack.workspace, slack.settings)
    place = Place(slack.workspace.user("hana"), slack.workspace.channel("#acme-docs"))
    ideas = [
        Idea("Ask", "届かない & why?", "ben", "#acme-docs", group="B"),
        Idea("First", "x", "sam", "dm", group="A"),
    ]
    html = rendering.page(place, token="t", ideas=ideas, said="")

    assert "?as=ben&amp;at=acme-docs&amp;say=%E5%B1%8A%E3%81%8B%E3%81%AA%E3%81%84%20%26%20why%3F" in html
    assert html.index("<h3>B</h3>") < html.index("<h3>A</h3>")


MRKDWN = {
    "*bold* _italic_ ~gone~": "<b>bold</b> <i>italic</i> <s>gone</s>",
    "2*3*4 snake_case_name": "2*3*4 snake_case_name",
    "`<@U0HANA>` &amp; `*x*`": "<code>&lt;@U0HANA&gt;</code> &amp; <code>*x*</code>",
    "```a\nb```": "<pre>a\nb</pre>",
    "a\nb": "a<br>b",
    "&gt; quoted\n&gt; on": "<blockquote>quoted<br>on</blockquote>",
    "<@U0HANA>": '<span class="mention">@Hana &lt;b&gt;</span>',
    "<#C0ACME|x>": '<span class="mention">#acme-docs</span>',
    "<!here>": '<span class="mention broadcast">@here</span>',
    "<!date^1763800000^{time}|17:26>": (
        '<time datetime="2025-11-22T08:26:40+00:00" data-format="{time}">17:26</time>'
    ),
    "<!date^99999999999999^{time}|soon>": "soon",
    "<mailto:a@b.example|a@b.example>": (
        '<a href="mailto:a@b.example" target="_blank" rel="noopener noreferrer nofollow">a@b.example</a>'
    ),
    "<javascript:alert(1)|click>": "click",
    ":tada: :unknown_one:": "🎉 :unknown_one:",
    "<script>alert(1)</script>": "scriptalert(1)/script",
    '"><img src=x onerror=alert(1)>': "&#34;&gt;img src=x onerror=alert(1)",
}


@pytest.mark.parametrize(("text", "html"), MRKDWN.items())
def test_mrkdwn_becomes_html(text: str, html: str) -> None:
    assert str(to_html(text, NAMES)) == html


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


PIECES = (
    *(
        "<",
        ">",
        "&",
        "|",
        "*",
        "_",
        "`",
        "```",
        "<!date^1^{time}^javascript:x|",
        "<https://",
        '"',
        "'",
        "\n",
        "&gt;",
    ),
    *("<@", "<!", "\ue0000\ue001", ":x:", "<script>", " onload=", "</time>", "<a href=", "^"),
)
HOSTILE = st.lists(st.one_of(st.text(), st.sampled_from(PIECES))).map("".join)


@given(HOSTILE)
def test_no_text_becomes_markup_of_its_own(text: str) -> None:
    tags = Tags()
    tags.feed(str(to_html(text, NAMES)))

    assert tags.seen <= {"a", "b", "i", "s", "br", "code", "pre", "blockquote", "span", "time", "img"}
    assert tags.attributes <= {"href", "target", "rel", "class", "datetime", "data-format", "src", "alt"}
