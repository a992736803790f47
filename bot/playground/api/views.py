"""``views.*``: modals and the Home tab."""

from __future__ import annotations

from bot.playground.api.call import Call, Method
from bot.playground.api.shown import view_json
from bot.playground.conversation import Json
from bot.playground.limits import check_view
from bot.playground.refused import Refused
from bot.playground.workspace import MODALS_AT_ONCE


def _open(call: Call) -> Json:
    return _show(call, push=False)


def _push(call: Call) -> Json:
    return _show(call, push=True)


def _show(call: Call, *, push: bool) -> Json:
    body = _body(call, "modal")
    user, error = call.workspace.tickets.exchange(call.need("trigger_id"))
    if error:
        raise Refused(error)
    if push and len(call.workspace.modals.get(user, [])) >= MODALS_AT_ONCE:
        raise Refused("push_limit_reached")
    view = call.workspace.open_modal(user, body, push=push)
    return {"view": view_json(call.workspace, view)}


def _update(call: Call) -> Json:
    view = call.workspace.find_view(call.text("view_id"), call.text("external_id"))
    if view is None:
        raise Refused("not_found")
    if call.text("hash") not in (None, view.hash):
        raise Refused("hash_conflict")
    body = _body(call, "modal" if view.is_modal else "home", except_for=view.id)
    return {"view": view_json(call.workspace, call.workspace.set_view(view, body=body))}


def _publish(call: Call) -> Json:
    user = call.need("user_id")
    if user not in call.workspace.users:
        raise Refused("invalid_arguments", ["[ERROR] invalid user_id"])
    home = call.workspace.homes.get(user)
    if home is not None and call.text("hash") not in (None, home.hash):
        raise Refused("hash_conflict")
    return {"view": view_json(call.workspace, call.workspace.publish_home(user, _body(call, "home")))}


def _body(call: Call, kind: str, except_for: str | None = None) -> Json:
    body = call.structure("view")
    check_view(body)
    if body["type"] != kind:
        raise Refused("invalid_arguments", [f"[ERROR] view type must be {kind}"])
    external = body.get("external_id")
    taken = call.workspace.find_view(None, external) if external else None
    if taken is not None and taken.id != except_for:
        raise Refused("duplicate_external_id")
    return dict(body)


METHODS: dict[str, Method] = {
    "views.open": _open,
    "views.push": _push,
    "views.update": _update,
    "views.publish": _publish,
}
