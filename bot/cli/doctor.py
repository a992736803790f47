"""What stands in the way? Settings, database, knowledge, DNS and Slack: each line ok, or what to do."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.checks.kit import Outcome
from bot.checks.resolver import open_resolver
from bot.core.delivery import OUR_HEADER_DOMAIN
from bot.library import KNOWLEDGE, Library, LibraryError
from bot.settings import Settings, SlackMode, missing_for_slack
from bot.slack.scopes import SCOPES
from bot.store import deliveries
from bot.store.engine import StoreError, is_embedded, open_engine, reading, shown
from bot.store.migrate import State, state

TIMEOUT = 5  # seconds for one call of Slack's Web API
SLOW_DNS = 1.0  # seconds; the checks of one answer have 2.5 together


class Health(StrEnum):
    """How one thing stands."""

    OK = "ok"
    WARNING = "warning"  # works, or may work; worth a look
    PROBLEM = "problem"  # does not work


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the examination: what *topic* is like, and the *cure* when it is not as it should be."""

    topic: str
    health: Health
    said: str
    cure: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the shape that `doctor --json` promises (docs/command-line.md)."""
        return {"topic": self.topic, "health": self.health, "said": self.said, "cure": self.cure}


async def examine(settings: Settings) -> AsyncIterator[Line]:
    """Examine everything that *settings* name, one line at a time.  Nothing is created or changed."""
    for line in _settings(settings):
        yield line
    async for line in _database(settings.database_url):
        yield line
    yield _knowledge(settings.knowledge_dir or KNOWLEDGE)
    yield await _dns(settings.dns_resolver)
    async for line in _slack(settings):
        yield line


def _settings(settings: Settings) -> Iterator[Line]:
    for name in Settings.model_fields:
        if name == "database_url":  # may hold a password; it has lines of its own
            continue
        value = _shown_setting(getattr(settings, name))
        yield Line("settings", Health.OK, f"{name.upper()} = {value} ({_origin(settings, name)})")


def _shown_setting(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set, not shown"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    return "not set" if value is None else str(value)


def _origin(settings: Settings, name: str) -> str:
    if name not in settings.model_fields_set:
        return "default"
    return "environment" if name in {variable.lower() for variable in os.environ} else ".env"


async def _database(url: str) -> AsyncIterator[Line]:
    try:
        engine = open_engine(url)
    except StoreError as error:
        yield Line("database", Health.PROBLEM, str(error))
        return
    try:
        where = engine.url.database if is_embedded(engine) else shown(engine.url)
        yield Line("database", Health.OK, f"{engine.dialect.name}, {where}")
        yield await _tables(engine)
    except StoreError as error:
        yield Line("database", Health.PROBLEM, str(error))
    finally:
        await engine.dispose()


async def _tables(engine: AsyncEngine) -> Line:
    if is_embedded(engine) and not _exists(engine.url.database):
        return Line("database", Health.OK, "not there yet; the first command that needs it makes it")
    found = await state(engine)
    if found is State.CURRENT:
        async with reading(engine) as connection:
            number = await deliveries.count(connection)
        empty = "load the send history: python -m bot import FILE" if number == 0 else ""
        health = Health.OK if number else Health.WARNING
        return Line("database", health, f"schema {found}, {number:,} deliveries", empty)
    if is_embedded(engine) and found is not State.AHEAD:
        return Line("database", Health.OK, f"schema {found}; the next command migrates it")
    return Line("database", Health.PROBLEM, f"schema {found}", _MIGRATION_CURES[found])


def _exists(file: str | None) -> bool:
    return bool(file) and Path(file or "").exists()


_MIGRATION_CURES = {
    State.EMPTY: "create the tables: python -m bot migrate",
    State.BEHIND: "bring them up to date: python -m bot migrate",
    State.AHEAD: "a newer version made them: update this program",
}


def _knowledge(folder: Path) -> Line:
    try:
        Library.open(folder)
    except LibraryError as error:
        return Line("knowledge", Health.PROBLEM, str(error), "mend the file, or unset KNOWLEDGE_DIR")
    return Line("knowledge", Health.OK, f"pages and words read from {folder}")


async def _dns(server: str | None) -> Line:
    """Ask the resolver a real question, the one that every check asks."""
    try:
        resolver = open_resolver(server)
    except ValueError as error:
        return Line("dns", Health.PROBLEM, f"DNS_RESOLVER: {error}")
    asked = ", ".join(resolver.servers) or "nobody"
    started = time.perf_counter()
    lookup = await resolver.lookup(OUR_HEADER_DOMAIN, "MX")
    seconds = time.perf_counter() - started
    said = f"{asked} answered {lookup.outcome} for the MX of {OUR_HEADER_DOMAIN} in {seconds * 1000:.0f} ms"
    if lookup.outcome is not Outcome.FOUND:
        return Line("dns", Health.WARNING, said, _DNS_CURE)
    if seconds > SLOW_DNS:
        return Line("dns", Health.WARNING, said, "checks may be late; set DNS_RESOLVER to a nearer one")
    return Line("dns", Health.OK, said)


_DNS_CURE = (
    "recipient checks will say “unknown”: allow UDP and TCP port 53 out, "
    "or set DNS_RESOLVER=HOST:PORT to a resolver that this machine may ask"
)


async def _slack(settings: Settings) -> AsyncIterator[Line]:
    missing = missing_for_slack(settings)
    if settings.slack_bot_token is None and settings.slack_app_token is None:
        yield Line("slack", Health.OK, "not set up; only serve needs it (the variables SLACK_…)")
        return
    for name, cure in missing.items():
        yield Line("slack", Health.PROBLEM, f"{name} is not set", cure)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session:
        client = AsyncWebClient(
            base_url=settings.slack_api_url, timeout=TIMEOUT, session=session, retry_handlers=[]
        )
        async for line in _call_slack(settings, client):
            yield line


async def _call_slack(settings: Settings, client: AsyncWebClient) -> AsyncIterator[Line]:
    for ask in (_token, _support_channel, _transport):
        try:
            lines = await ask(settings, client)
        except SlackApiError as error:
            lines = [_refused(error)]
        except (aiohttp.ClientError, TimeoutError) as error:
            said = f"{settings.slack_api_url} cannot be reached: {error or type(error).__name__}"
            yield Line("slack", Health.PROBLEM, said, "check the network and SLACK_API_URL")
            return
        for line in lines:
            yield line


async def _token(settings: Settings, client: AsyncWebClient) -> list[Line]:
    if settings.slack_bot_token is None:
        return []
    client.token = settings.slack_bot_token.get_secret_value()
    granted = await client.auth_test()
    return [_identity(granted), _scopes(granted)]


def _identity(granted: AsyncSlackResponse) -> Line:
    return Line("slack", Health.OK, f"the bot token is that of {granted['user']} in {granted['team']}")


def _scopes(granted: AsyncSlackResponse) -> Line:
    # Header names come as the server spelled them, which HTTP leaves open.
    headers = {name.lower(): value for name, value in granted.headers.items()}
    scopes = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")}
    missing = [f"{scope} ({purpose})" for scope, purpose in SCOPES.items() if scope not in scopes]
    if missing:
        cure = "add them in OAuth & Permissions (or update the app from manifest.yml), then reinstall the app"
        return Line("slack", Health.PROBLEM, f"scopes are missing: {'; '.join(missing)}", cure)
    return Line("slack", Health.OK, f"all {len(SCOPES)} scopes are granted")


async def _support_channel(settings: Settings, client: AsyncWebClient) -> list[Line]:
    if settings.slack_bot_token is None or settings.slack_support_channel is None:
        return []
    answer = await client.conversations_info(channel=settings.slack_support_channel)
    return [_channel(answer["channel"])]


def _channel(channel: Mapping[str, Any]) -> Line:
    """Examine the support channel: who is in it sees every account, so nobody else's people may be."""
    name = f"the support channel #{channel.get('name', channel['id'])}"
    if channel.get("is_archived"):
        return Line("slack", Health.PROBLEM, f"{name} is archived", "unarchive it, or choose another")
    if not channel.get("is_member"):
        return Line("slack", Health.PROBLEM, f"the bot is not in {name}", "type /invite @Delivery Desk there")
    if channel.get("is_ext_shared"):
        cure = "its members see every account; choose a channel of this workspace alone"
        return Line("slack", Health.WARNING, f"{name} is shared with another company", cure)
    return Line("slack", Health.OK, f"the bot is in {name}")


async def _transport(settings: Settings, client: AsyncWebClient) -> list[Line]:
    if settings.slack_mode is SlackMode.HTTP:
        signed = settings.slack_signing_secret is not None
        where = f"HTTP: signed requests are taken at {settings.host}:{settings.port}/slack/events"
        return [Line("slack", Health.OK, where)] if signed else []
    if settings.slack_app_token is None:
        return []
    await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    return [Line("slack", Health.OK, "Socket Mode: a connection can be opened")]


def _refused(error: SlackApiError) -> Line:
    code = str(error.response.get("error") or f"HTTP status {error.response.status_code}")
    method = error.response.api_url.rpartition("/")[2]
    cure = _SLACK_CURES.get(code, "look it up in the documentation of this method, then run doctor again")
    return Line("slack", Health.PROBLEM, f"{method} answered {code}", cure)


_NEW_TOKEN = "copy the tokens anew from the Slack app's settings"  # noqa: S105 - a sentence
_SLACK_CURES = {
    "account_inactive": "the app was removed from the workspace: install it again, take its new token",
    "channel_not_found": "copy the channel's ID again; a private channel is seen only after /invite",
    "invalid_auth": _NEW_TOKEN,
    "missing_scope": "add the scopes named above, then reinstall the app",
    "not_allowed_token_type": _NEW_TOKEN + "; bot tokens begin with xoxb-, app-level tokens with xapp-",
    "not_authed": _NEW_TOKEN,
    "ratelimited": "wait for a minute, then run doctor again",
    "token_expired": _NEW_TOKEN,
    "token_revoked": _NEW_TOKEN,
}
