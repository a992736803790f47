"""The environment, read into settings; every missing or bad variable is named at once, with its cure."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.diagnosis import PATIENCE_FLOOR
from bot.core.question import SEND_ID_PATTERN
from bot.core.words import Language


class SettingsError(Exception):
    """Something in the environment is missing or cannot be read."""


class SlackMode(StrEnum):
    """How Slack reaches us."""

    HTTP = "http"  # Slack calls our URL: any number of replicas behind a load balancer
    SOCKET = "socket"  # we call Slack: behind a firewall, no public URL


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return value


def _patient(value: timedelta) -> timedelta:
    if value < PATIENCE_FLOOR:
        raise ValueError("must be an hour at least: greylisting alone delays mail by twenty minutes")
    return value


def default_database_url() -> str:
    """Return the embedded database in the user's own data directory."""
    return f"sqlite:///{user_data_path('delivery-desk') / 'delivery-desk.db'}"


class Settings(BaseSettings):
    """What an operator decides; each field is the environment variable of its name in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    database_url: str = Field(default_factory=default_database_url)
    dns_resolver: str | None = Field(default=None, description="HOST:PORT; the system's resolver when unset")
    send_id_pattern: Annotated[str, AfterValidator(_pattern)] = SEND_ID_PATTERN
    default_language: Language = Language.JA
    knowledge_dir: Path | None = None

    patience: Annotated[timedelta, AfterValidator(_patient)] = Field(
        default=timedelta(hours=24),
        description="ISO 8601 (PT24H) or seconds; pending for longer is handed over",
    )
    watch_interval: timedelta = Field(default=timedelta(minutes=5), ge=timedelta(seconds=1))
    sweep_interval: timedelta = Field(default=timedelta(seconds=15), ge=timedelta(milliseconds=50))

    lease: timedelta = Field(
        default=timedelta(seconds=60),
        ge=timedelta(seconds=2),
        description="how long a replica may hold a post; its attempt ends at two thirds of it",
    )

    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)

    slack_mode: SlackMode = SlackMode.HTTP
    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_support_channel: str | None = Field(default=None, pattern=r"^[CG][A-Z0-9]+$")
    slack_api_url: str = Field(default="https://slack.com/api/", pattern=r"^https?://.+/$")


# What `serve` cannot do without, and where to find it.
NEEDED_FOR_SLACK = {
    "slack_bot_token": "copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions",
    "slack_support_channel": "the ID (C…) at the end of the support channel's About page",
}
NEEDED_BY_MODE = {
    SlackMode.HTTP: {"slack_signing_secret": "copy it from Basic Information"},
    SlackMode.SOCKET: {
        "slack_app_token": "make an app-level token (xapp-…) with connections:write in Basic Information"
    },
}


def load() -> Settings:
    """Read the environment and `.env`; raise SettingsError that names every bad variable."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("\n".join(problems)) from error


def missing_for_slack(settings: Settings) -> dict[str, str]:
    """Return the variables that Slack needs and nobody set, each with where to find it."""
    needed = NEEDED_FOR_SLACK | NEEDED_BY_MODE[settings.slack_mode]
    return {name.upper(): cure for name, cure in needed.items() if getattr(settings, name) is None}


def require_slack(settings: Settings) -> None:
    """Raise SettingsError unless everything that Slack needs is set."""
    missing = missing_for_slack(settings)
    if missing:
        lines = [f"{name} is not set: {cure} of the Slack app's settings" for name, cure in missing.items()]
        raise SettingsError("\n".join(lines))
