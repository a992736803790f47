"""The same payloads in envelopes over a WebSocket that the bot opens. (docs: "Using Socket Mode")"""

from __future__ import annotations

import asyncio
import secrets
import uuid

from aiohttp import WSCloseCode, WSMsgType, web

from bot.playground.conversation import Json, Value


class Sockets:
    """The connected sockets; an envelope goes to one of them and waits for its acknowledgement."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Value]] = {}

    @property
    def connected(self) -> bool:
        """Tell whether a bot is listening."""
        return bool(self._open)

    def ticket(self) -> str:
        """Issue what ``apps.connections.open`` puts into its URL: good for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Greet a bot, and take its acknowledgements until it goes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(self._hello())
        self._open.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.json())
        finally:
            self._open.remove(socket)
        return socket

    async def send(
        self, kind: str, payload: Json, *, patience: float, attempt: int = 0, reason: str = ""
    ) -> Value:
        """Send an envelope; return the acknowledgement's payload; raise TimeoutError without one."""
        if not self._open:
            raise ConnectionError("no bot is connected by Socket Mode")
        envelope_id = str(uuid.uuid4())
        envelope: Json = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        answer = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await self._open[-1].send_json(envelope)
            async with asyncio.timeout(patience):
                return await answer
        finally:
            self._waiting.pop(envelope_id, None)

    async def close(self) -> None:
        """Say good-bye to everybody."""
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    def _acknowledge(self, message: Json) -> None:
        waiting = self._waiting.get(message.get("envelope_id", ""))
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload"))

    def _hello(self) -> Json:
        debug = {"host": "playground", "build_number": 1, "approximate_connection_time": 3600}
        info = {"app_id": self._app_id}
        return {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "debug_info": debug,
            "connection_info": info,
        }
