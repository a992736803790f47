"""Talking in Slack: what comes in, who is asking, what goes out."""
