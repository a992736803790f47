"""The emoji that bots use, by Slack's names; an unknown name stays ``:name:``.

Slack draws emoji as pictures, the same on every machine, and so does the page for the common ones.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

EMOJI = {
    "+1": "👍", "-1": "👎", "thumbsup": "👍", "thumbsdown": "👎", "white_check_mark": "✅",
    "heavy_check_mark": "✔️", "x": "❌", "warning": "⚠️", "no_entry": "⛔", "no_entry_sign": "🚫",
    "question": "❓", "grey_question": "❔", "exclamation": "❗", "information_source": "ℹ️",
    "bulb": "💡", "mag": "🔍", "eyes": "👀", "email": "📧", "envelope": "✉️",
    "incoming_envelope": "📨", "mailbox": "📫", "mailbox_closed": "📪", "inbox_tray": "📥",
    "outbox_tray": "📤", "lock": "🔒", "key": "🔑", "link": "🔗", "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳", "clock3": "🕒", "calendar": "📆", "bell": "🔔",
    "speech_balloon": "💬", "raising_hand": "🙋", "wave": "👋", "pray": "🙏", "tada": "🎉",
    "rotating_light": "🚨", "large_green_circle": "🟢", "large_yellow_circle": "🟡",
    "large_orange_circle": "🟠", "large_red_circle": "🔴",
    "red_circle": "🔴", "white_circle": "⚪", "large_blue_circle": "🔵",
    "arrow_right": "➡️", "arrows_counterclockwise": "🔄", "repeat": "🔁", "memo": "📝",
    "page_facing_up": "📄", "books": "📚", "globe_with_meridians": "🌐",
    "busts_in_silhouette": "👥", "bust_in_silhouette": "👤", "robot_face": "🤖",
    "white_large_square": "⬜", "small_blue_diamond": "🔹", "point_right": "👉", "ok_hand": "👌",
    "muscle": "💪", "smile": "😄", "slightly_smiling_face": "🙂", "thinking_face": "🤔",
    "gear": "⚙️", "wrench": "🔧",
}  # fmt: skip

# Character → its picture in static/emoji; to add one, draw it there and name it here.
PICTURES = {
    "🔴": "red",
    "🟠": "orange",
    "🟡": "yellow",
    "🟢": "green",
    "🔵": "blue",
    "⚪": "white",
    "✅": "check",
    "❌": "cross",
    "⚠": "warning",
    "❓": "question",
    "❔": "question-grey",
    "👍": "thumb-up",
    "👎": "thumb-down",
    "🙋": "hand-raised",
    "⏳": "hourglass",
    "⌛": "hourglass",
    "ℹ": "info",
    "✉": "mail",
    "📧": "mail",
    "👀": "eyes",
}
_DRAWN = re.compile(f"([{''.join(PICTURES)}])\ufe0f?")
_NAMED = re.compile(r"(?<![\w:]):([a-z0-9_+\-]+):(?![\w:])")


def emoji(name: str) -> str:
    """Return the character called *name*, or ``:name:``."""
    return EMOJI.get(name, f":{name}:")


def named(text: str) -> str:
    """Replace ``:name:`` by characters wherever a name is known."""
    return _NAMED.sub(lambda found: emoji(found.group(1)), text)


def drawn(text: str | Markup) -> Markup:
    """Return *text* as HTML with the common emoji as pictures; escapes what is not Markup."""
    return Markup(_DRAWN.sub(_picture, escape(text)))  # noqa: S704 - escaped in the same breath


def _picture(found: re.Match[str]) -> str:
    character = found.group(1)
    return f'<img class="emoji" src="/static/emoji/{PICTURES[character]}.svg" alt="{character}">'
