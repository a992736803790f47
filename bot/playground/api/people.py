"""``auth``, ``users`` and the small rest."""

from __future__ import annotations

from bot.playground.api.call import Call, Method
from bot.playground.api.shown import user_json
from bot.playground.conversation import Json
from bot.playground.refused import Refused


def _auth_test(call: Call) -> Json:
    app = call.workspace.app
    team = call.workspace.teams[app.team]
    return {
        "url": f"{call.origin}/",
        "team": team.name,
        "user": call.workspace.users[app.user].name,
        "team_id": team.id,
        "user_id": app.user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def _info(call: Call) -> Json:
    call.require("users:read")
    user = call.workspace.users.get(call.need("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": user_json(call.workspace, user, locale=call.flag("include_locale"))}


def _list(call: Call) -> Json:
    call.require("users:read")
    page, cursor = call.page(list(call.workspace.users.values()))
    members = [user_json(call.workspace, user, locale=call.flag("include_locale")) for user in page]
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


def _assistant(call: Call) -> Json:
    # Prompts and status lines are decoration that the page does not draw; the call and its scope are real.
    call.require("assistant:write")
    call.need("channel_id")
    return {}


METHODS: dict[str, Method] = {
    "api.test": lambda _: {},
    "auth.test": _auth_test,
    "users.info": _info,
    "users.list": _list,
    "assistant.threads.setSuggestedPrompts": _assistant,
    "assistant.threads.setStatus": _assistant,
    "assistant.threads.setTitle": _assistant,
}
