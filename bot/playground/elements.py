"""The things in blocks that can be clicked, chosen or filled, and what Slack reports of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.playground.conversation import Json, Value

Choice = str | Sequence[str] | None  # a value typed or chosen, several for check boxes


@dataclass(frozen=True, slots=True)
class Element:
    """One interactive element, and the block in which it stands."""

    block_id: str
    body: Json

    @property
    def action_id(self) -> str:
        """Return the action_id: the bot's, or the one Slack gave."""
        return str(self.body["action_id"])

    @property
    def kind(self) -> str:
        """Return its type."""
        return str(self.body["type"])

    @property
    def labels(self) -> list[str]:
        """List what is written on it: a button's text, the options of a menu."""
        texts = [self.body.get("text"), *(option["text"] for option in self.options)]
        return [text["text"] for text in texts if text]

    @property
    def options(self) -> list[Json]:
        """List the options of a menu, groups laid flat; feedback buttons count as two options."""
        if self.kind == "feedback_buttons":
            return [self.body["positive_button"], self.body["negative_button"]]
        groups = self.body.get("option_groups") or [{"options": self.body.get("options", [])}]
        return [option for group in groups for option in group["options"]]

    def option(self, wanted: str) -> Json | None:
        """Return the option with that value or label."""
        return next((o for o in self.options if wanted in (o.get("value"), o["text"]["text"])), None)

    def action(self, choice: Choice, ts: str) -> Json:
        """Return the entry of ``actions`` for a click on it, or for *choice*."""
        told: Json = {
            "type": self.kind,
            "action_id": self.action_id,
            "block_id": self.block_id,
            "action_ts": ts,
        }
        if self.kind in ("button", "icon_button"):
            kept = ("text", "value", "style", "url")
            return told | {name: self.body[name] for name in kept if name in self.body}
        if self.kind == "feedback_buttons":
            chosen = self.option(str(choice)) or {}
            return told | {"value": chosen.get("value"), "text": chosen.get("text")}
        return told | {k: v for k, v in self.state(choice).items() if k != "type"}

    def state(self, choice: Choice) -> Json:
        """Return what ``state.values`` says of it after *choice*."""
        if self.kind in ("checkboxes", "multi_static_select"):
            wanted = [choice] if isinstance(choice, str) else list(choice or ())
            chosen = [option for option in map(self.option, wanted) if option]
            return {"type": self.kind, "selected_options": chosen}
        if self.kind == "users_select":
            return {"type": self.kind, "selected_user": choice or None}
        if self.options:
            return {"type": self.kind, "selected_option": self.option(str(choice)) if choice else None}
        return {"type": self.kind, "value": choice or None}

    def initial(self) -> Json:
        """Return what ``state.values`` says of it before anybody touched it."""
        if self.kind in ("checkboxes", "multi_static_select"):
            return {"type": self.kind, "selected_options": list(self.body.get("initial_options", []))}
        if self.kind == "users_select":
            return {"type": self.kind, "selected_user": self.body.get("initial_user")}
        if self.options:
            return {"type": self.kind, "selected_option": self.body.get("initial_option")}
        return {"type": self.kind, "value": self.body.get("initial_value")}


def elements(blocks: Iterable[Json]) -> Iterator[Element]:
    """Yield the interactive elements of *blocks*, in the order in which they stand."""
    for block in blocks:
        inside = [block.get("accessory"), block.get("element")]
        if block["type"] in ("actions", "context_actions"):
            inside = block["elements"]
        for body in inside:
            if body and body["type"] != "image":
                yield Element(block["block_id"], body)


def find(blocks: Iterable[Json], wanted: str) -> Element | None:
    """Return the element with that action_id, label, value or option."""
    everything = list(elements(blocks))
    by_id = (e for e in everything if wanted in (e.action_id, e.body.get("value")))
    by_label = (e for e in everything if wanted in e.labels or e.option(wanted))
    return next(by_id, None) or next(by_label, None)


def state_of(blocks: Sequence[Json], before: Value = None) -> dict[str, Json]:
    """Return ``state.values`` of a view: what *before* knows, the rest as the bot set it at first."""
    values: dict[str, Json] = {}
    for element in elements(blocks):
        if element.kind in ("button", "overflow", "icon_button", "feedback_buttons"):
            continue
        known = ((before or {}).get(element.block_id) or {}).get(element.action_id)
        values.setdefault(element.block_id, {})[element.action_id] = known or element.initial()
    return values


def is_empty(state: Json) -> bool:
    """Tell whether a field says nothing."""
    return not any(value for name, value in state.items() if name != "type")
