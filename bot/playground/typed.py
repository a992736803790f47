"""What a person types, as Slack sends it: escaped, with addresses, links and mentions marked up."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.playground.workspace import Workspace

# Slack links bare domains of the endings it knows; these are the ones that business mail has.
_ENDINGS = "com|net|org|jp|io|dev|info|biz|de|fr|uk|us|cn|kr|tw|sg|eu|example"
_PATTERN = re.compile(
    r"""(?P<code>```.*?```|`[^`\n]+`)
      | (?P<mail>(?<![A-Za-z0-9._%+\-=])[A-Za-z0-9._%+\-=]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,})
      | (?P<url>https?://[^\s<>|"、。」]*[^\s<>|"、。」.,;:!?)\]])
      | (?P<domain>(?<![\w.@\-])(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+(?:"""
    + _ENDINGS
    + r""")(?![\w\-]))
      | (?P<mention>@)
      | (?P<special>[&<>])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str) -> str:
    """Escape exactly what Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_sent(workspace: Workspace, text: str) -> str:
    """Return *text* as the ``text`` of a message event carries it."""
    names = _names(workspace)
    out: list[str] = []
    at = 0
    while found := _PATTERN.search(text, at):
        out.append(text[at : found.start()])
        kind = found.lastgroup or ""
        if kind == "mention":
            name = next((name for name in names if text.startswith(name, found.end())), "")
            out.append(f"<@{names[name]}>" if name else "@")
            at = found.end() + len(name)
        else:
            out.append(_MARKED[kind](found.group()))
            at = found.end()
    return "".join((*out, text[at:]))


def _names(workspace: Workspace) -> dict[str, str]:
    # The longest first: "@Mori Hana" is not "@Mori" with a word behind it.
    pairs = [(name, user.id) for user in workspace.users.values() for name in (user.real_name, user.name)]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


_MARKED: dict[str, Callable[[str], str]] = {
    "code": escaped,
    "mail": lambda found: f"<mailto:{found}|{found}>",
    "url": lambda found: f"<{escaped(found)}>",
    "domain": lambda found: f"<http://{found}|{found}>",
    "special": lambda found: _ESCAPES[found],
}
