"""Slack's mrkdwn as HTML.  Every character that came from outside is escaped here, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup, escape

from bot.playground.emoji import drawn, named

_TOKEN = re.compile(r"```(?P<pre>.+?)```|`(?P<code>[^`\n]+)`|<(?P<link>[^<>\n]+)>", re.DOTALL)
_PLACE = re.compile("\ue000(\\d+)\ue001")
# Slack wants no word character outside the marks and no space inside, Japanese letters included.
_STYLES = tuple(
    (
        re.compile(
            rf"(?<![\w{re.escape(mark)}]){re.escape(mark)}(?=\S)([^{re.escape(mark)}\n]+?)(?<=\S){re.escape(mark)}(?![\w{re.escape(mark)}])"
        ),
        tag,
    )
    for mark, tag in (("*", "b"), ("_", "i"), ("~", "s"))
)


@dataclass(frozen=True, slots=True)
class Names:
    """What mentions show: ID → name."""

    users: Mapping[str, str]
    channels: Mapping[str, str]


def to_html(text: str, names: Names) -> Markup:
    """Return mrkdwn *text* as HTML that is safe whatever the text is."""
    kept: list[Markup] = []

    def keep(piece: Markup) -> str:
        kept.append(piece)
        return f"\ue000{len(kept) - 1}\ue001"

    clean = text.replace("\ue000", "").replace("\ue001", "")
    marked = _TOKEN.sub(lambda found: keep(_token(found, names)), clean)
    styled = _styled(str(escape(_unescaped(marked))))
    return Markup(_PLACE.sub(lambda found: kept[int(found.group(1))], styled))  # noqa: S704 - escaped line by line above


def time_html(timestamp: int, form: str, fallback: str, link: str | None = None) -> Markup:
    """Return a date that the page shows in the reader's own language and time zone, *fallback* until then."""
    try:
        moment = datetime.fromtimestamp(timestamp, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return escape(fallback)
    shown = Markup('<time datetime="{}" data-format="{}">{}</time>').format(moment, form, fallback)
    return link_html(link, shown) if link else shown


def link_html(url: str, label: str | Markup) -> Markup:
    """Return a link to the web or to a mailbox; any other scheme is text."""
    if not re.match(r"(https?://|mailto:)", url, re.IGNORECASE):
        return escape(label)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>').format(url, label)


def _token(found: re.Match[str], names: Names) -> Markup:
    if found["pre"]:
        return Markup("<pre>{}</pre>").format(_unescaped(found["pre"]).strip("\n"))
    if found["code"]:
        return Markup("<code>{}</code>").format(_unescaped(found["code"]))
    inside, _, label = found["link"].partition("|")
    render = _SPECIAL.get(inside[:1])
    if render is not None:
        return render(inside, _unescaped(label), names)
    return link_html(_unescaped(inside), _unescaped(label or inside.removeprefix("mailto:")))


def _user(inside: str, label: str, names: Names) -> Markup:
    return _mention("@" + names.users.get(inside[1:], label or inside[1:]))


def _channel(inside: str, label: str, names: Names) -> Markup:
    return _mention("#" + names.channels.get(inside[1:], label or inside[1:]))


def _command(inside: str, label: str, names: Names) -> Markup:
    del names
    kind, _, rest = inside[1:].partition("^")
    if kind == "date":
        stamp, form, link = (*_unescaped(rest).split("^"), "", "")[:3]
        return time_html(int(stamp), form, label, link or None) if stamp.isdecimal() else escape(label)
    # A broadcast that reached a channel has to be seen for what it is: a ping of everybody.
    return Markup('<span class="mention broadcast">@{}</span>').format(label or kind)


def _mention(shown: str) -> Markup:
    return Markup('<span class="mention">{}</span>').format(shown)


def _styled(escaped: str) -> str:
    for pattern, tag in _STYLES:
        escaped = pattern.sub(rf"<{tag}>\1</{tag}>", escaped)
    return _quoted(str(drawn(Markup(named(escaped)))))  # noqa: S704 - escaped by the caller


def _quoted(escaped: str) -> str:
    out: list[str] = []
    for line in escaped.split("\n"):
        quoted = line.startswith("&gt;")
        out.append(f"<blockquote>{line[4:].lstrip()}</blockquote>" if quoted else line + "<br>")
    return "".join(out).removesuffix("<br>").replace("</blockquote><blockquote>", "<br>")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


_SPECIAL: dict[str, Callable[[str, str, Names], Markup]] = {"@": _user, "#": _channel, "!": _command}
