"""The Web API: one function per method, gathered in the table METHODS."""

from bot.playground.api import chat, conversations, people, views
from bot.playground.api.call import Method

# Slack's name → what it does.  To add a method: write it in the file of its noun, add it there.
METHODS: dict[str, Method] = {**chat.METHODS, **conversations.METHODS, **people.METHODS, **views.METHODS}
