"""Did this answer solve it? One vote for each answer and reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.section import Section
from bot.core.words import Language
from bot.store import feedback
from bot.store.engine import writing


@dataclass(frozen=True, slots=True)
class Feedback:
    """The votes."""

    engine: AsyncEngine
    now: Callable[[], datetime]

    async def record(
        self, pointer: str, user: str, *, section: Section, language: Language, helpful: bool
    ) -> None:
        """Keep the vote of *user* on the answer behind *pointer*; a second vote replaces the first."""
        async with writing(self.engine) as connection:
            await feedback.record(
                connection,
                key=f"{pointer}:{user}",
                section=section,
                language=language,
                helpful=helpful,
                now=self.now(),
            )
