"""The Home tab: what one can ask, and what this reader may see."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.section import Section
from bot.core.words import Language
from bot.desk import Desk, language_of
from bot.slack import modals
from bot.slack.failures import code_of
from bot.slack.viewer import Asker, Viewers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Home:
    """Publishes the Home tab of whoever opens it."""

    client: AsyncWebClient
    desk: Desk
    viewers: Viewers

    async def show(self, asker: Asker) -> None:
        """Publish the Home tab of *asker*, in the language of their Slack."""
        viewer = await self.viewers.privately(asker)
        language: Language = language_of(viewer.locale) or self.desk.language
        words = self.desk.words(language)
        view = modals.home(viewer, self.desk.page(Section.HELP, language), words)
        try:
            await self.client.views_publish(user_id=asker.user, view=view)
        except SlackApiError as error:
            log.warning("the Home tab could not be published: %s", code_of(error))
