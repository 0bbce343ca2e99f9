"""Slack: rendering without a client, sending without a rule."""
