"""The door of the Web API: token, arguments, faults, envelope; and the response_urls beside it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.playground.api import METHODS
from bot.playground.api.call import Call
from bot.playground.conversation import Json
from bot.playground.faults import Fault, Faults, Kind
from bot.playground.refused import Refused
from bot.playground.response_url import respond
from bot.playground.settings import Settings
from bot.playground.socket_mode import Sockets
from bot.playground.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Called:
    """One call for the log: what was asked, what was answered, what went wrong on purpose."""

    method: str
    args: Json
    answer: Json
    fault: Kind | None = None

    @property
    def ok(self) -> bool:
        """Tell whether Slack did it."""
        return bool(self.answer.get("ok"))


class WebApi:
    """Serves ``/api/{method}`` and ``/response/{token}``; keeps every call in *calls*."""

    def __init__(self, workspace: Workspace, settings: Settings, sockets: Sockets, faults: Faults) -> None:
        self.workspace = workspace
        self.settings = settings
        self.sockets = sockets
        self.faults = faults
        self.calls: list[Called] = []

    def routes(self) -> list[web.RouteDef]:
        """Return where it is served."""
        return [
            web.route("*", "/api/{method}", self.serve),
            web.post(r"/response/{token:.+}", self.serve_response),
            web.get("/link/", self.sockets.serve),
        ]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, or let it go wrong as ordered."""
        method = request.match_info["method"]
        args = await _arguments(request)
        token = _token(request, args)
        fault = self.faults.take(method)
        if fault is not None and fault.kind in (Kind.ERROR_BEFORE, Kind.RATE_LIMITED):
            self._note(method, args, {}, fault)
            return _spoilt(fault)
        answer = self._answer(request, method, args, token)
        self._note(method, args, answer, fault)
        scopes = ",".join(sorted(self.settings.scopes))
        response = web.json_response(answer, headers={"x-oauth-scopes": scopes})
        return response if fault is None else await _spoil(request, response, fault)

    async def serve_response(self, request: web.Request) -> web.StreamResponse:
        """Take a post to a response_url: no token, the address is the secret."""
        fault = self.faults.take("response_url")
        if fault is not None and fault.kind in (Kind.ERROR_BEFORE, Kind.RATE_LIMITED):
            return _spoilt(fault)
        args = await _arguments(request)
        try:
            respond(self.workspace, request.match_info["token"], args)
            response = web.Response(text="ok")
            answer: Json = {"ok": True}
        except Refused as refused:
            response = web.Response(text=refused.error, status=404 if refused.error.endswith("_url") else 400)
            answer = _refusal(refused)
        self._note("response_url", args, answer, fault)
        return response if fault is None else await _spoil(request, response, fault)

    def _answer(self, request: web.Request, method: str, args: Json, token: str) -> Json:
        origin = f"http://{request.host}"
        call = Call(self.workspace, args, self.settings.scopes, origin)
        try:
            if method == "apps.connections.open":
                return self._connection(request.host, token)
            self._check(token, self.settings.bot_token)
            return {"ok": True} | METHODS.get(method, _unknown)(call)
        except Refused as refused:
            return _refusal(refused)

    def _connection(self, host: str, token: str) -> Json:
        self._check(token, self.settings.app_token)
        return {"ok": True, "url": f"ws://{host}/link/?ticket={self.sockets.ticket()}"}

    @staticmethod
    def _check(token: str, expected: str) -> None:
        if not token:
            raise Refused("not_authed")
        if token != expected:
            raise Refused("invalid_auth")

    def _note(self, method: str, args: Json, answer: Json, fault: Fault | None) -> None:
        self.calls.append(Called(method, args, answer, fault.kind if fault else None))
        self.workspace.changed()  # whoever waits for a call is woken


async def _arguments(request: web.Request) -> Json:
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            body = {}
        return {**args, **body} if isinstance(body, Mapping) else args
    return args | dict(await request.post())


def _token(request: web.Request, args: Json) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else str(args.pop("token", ""))


def _unknown(_: Call) -> Json:
    raise Refused("unknown_method")


def _refusal(refused: Refused) -> Json:
    answer: Json = {"ok": False, "error": refused.error, **refused.more}
    if refused.messages:
        answer["response_metadata"] = {"messages": refused.messages}
    return answer


def _spoilt(fault: Fault) -> web.Response:
    if fault.kind is Kind.RATE_LIMITED:
        headers = {"Retry-After": str(max(0, round(fault.seconds)))}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    return web.Response(status=500, text="Internal Server Error")


async def _spoil(request: web.Request, response: web.Response, fault: Fault) -> web.Response:
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.seconds)
        return response
    if fault.kind is Kind.LOST and request.transport is not None:
        request.transport.abort()
    return web.Response(status=500, text="Internal Server Error")
