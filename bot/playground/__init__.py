"""A Slack stand-in: it plays Slack for a person in the browser and for the tests, and the bot cannot tell."""
