"""The app's manifest: complete for the listeners, inside Slack's limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.slack.listeners import Listeners
from bot.slack.scopes import SCOPES

MANIFEST: dict[str, Any] = yaml.safe_load((Path(__file__).parent.parent / "manifest.yml").read_text("utf-8"))


def limited(most: int, least: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most}


def only(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


HTTPS = {"type": "string", "pattern": "^https://"}
BOOLEAN = {"type": "boolean"}
# https://docs.slack.dev/reference/app-manifest: the parts that we use; an unknown key is an error there too.
SCHEMA = only(
    ["_metadata", "display_information", "features", "oauth_config", "settings"],
    _metadata=only(["major_version"], major_version={"const": 2}, minor_version={"type": "integer"}),
    display_information=only(
        ["name", "description", "long_description", "background_color"],
        name=limited(35),
        description=limited(140),
        long_description=limited(4000, least=174),
        background_color={"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"},
    ),
    features=only(
        ["app_home", "bot_user", "slash_commands"],
        app_home=only(
            ["home_tab_enabled", "messages_tab_enabled"],
            home_tab_enabled={"const": True},
            messages_tab_enabled={"const": True},
            messages_tab_read_only_enabled={"const": False},
        ),
        bot_user=only(["display_name"], display_name=limited(80), always_online=BOOLEAN),
        slash_commands={
            "type": "array",
            "maxItems": 50,
            "items": only(
                ["command", "description"],
                command={"type": "string", "pattern": "^/[a-z0-9_-]{1,31}$"},
                url=HTTPS,
                description=limited(2000),
                usage_hint=limited(1000),
                should_escape=BOOLEAN,
            ),
        },
    ),
    oauth_config=only(
        ["scopes"],
        scopes=only(
            ["bot"], bot={"type": "array", "uniqueItems": True, "maxItems": 255, "items": {"type": "string"}}
        ),
    ),
    settings=only(
        ["event_subscriptions", "interactivity"],
        event_subscriptions=only(
            ["bot_events"],
            request_url=HTTPS,
            bot_events={"type": "array", "uniqueItems": True, "maxItems": 100},
        ),
        interactivity=only(["is_enabled"], is_enabled={"const": True}, request_url=HTTPS),
        org_deploy_enabled=BOOLEAN,
        socket_mode_enabled=BOOLEAN,
        token_rotation_enabled=BOOLEAN,
    ),
)

# Which scope an event needs (https://docs.slack.dev/reference/events).
SCOPE_OF_EVENT = {"app_home_opened": None, "app_mention": "app_mentions:read", "message.im": "im:history"}


class Recorder:
    """Stands where a Bolt app would, and writes down what is registered."""

    def __init__(self) -> None:
        self.registered: dict[str, list[Any]] = {"command": [], "event": [], "action": [], "view": []}

    def __getattr__(self, kind: str) -> Any:
        def register(what: Any) -> Any:
            self.registered[kind].append(what)
            return lambda *_, **__: None

        return register


@pytest.fixture
def registered() -> dict[str, list[Any]]:
    recorder = Recorder()
    nothing: Any = None
    Listeners(nothing, nothing, nothing, nothing).register(recorder)  # type: ignore[arg-type]  # the recorder plays the app
    return recorder.registered


def test_slack_accepts_the_manifest() -> None:
    jsonschema.validate(MANIFEST, SCHEMA)


def test_every_command_has_a_listener_and_the_other_way_round(registered: dict[str, list[Any]]) -> None:
    announced = [command["command"] for command in MANIFEST["features"]["slash_commands"]]

    assert announced == registered["command"] == ["/delivery"]


def test_every_event_has_a_listener_and_the_other_way_round(registered: dict[str, list[Any]]) -> None:
    announced = {
        event.partition(".")[0] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    }

    assert announced == set(registered["event"])


def test_the_scopes_are_those_that_the_code_names() -> None:
    assert MANIFEST["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)


def test_every_event_has_the_scope_it_needs() -> None:
    needed = {SCOPE_OF_EVENT[event] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]}

    assert needed - {None} <= set(SCOPES)


def test_all_addresses_are_the_one_address() -> None:
    settings, command = MANIFEST["settings"], MANIFEST["features"]["slash_commands"][0]

    assert (
        command["url"]
        == settings["event_subscriptions"]["request_url"]
        == settings["interactivity"]["request_url"]
    )


def test_listeners_stay_few_because_each_costs_every_request(registered: dict[str, list[Any]]) -> None:
    assert sum(map(len, registered.values())) <= 12


def test_the_text_of_a_command_comes_as_typed() -> None:
    assert MANIFEST["features"]["slash_commands"][0]["should_escape"] is False
