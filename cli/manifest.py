"""The manifest from which a Slack app is created."""

from typing import Any

_SCOPES = ("commands", "chat:write", "im:write", "im:history", "channels:history", "users:read", "users:read.email")


def slack_manifest(public_url: str) -> dict[str, Any]:
    """Return the manifest of an app that sends everything to this installation."""
    url = f"{public_url.rstrip('/')}/slack/events"
    return {
        "display_information": {"name": "AIMS", "description": "Governance of AI systems (ISO/IEC 42001)"},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "AIMS", "always_online": True},
            "slash_commands": [
                {
                    "command": "/aims",
                    "url": url,
                    "description": "AI systems under governance",
                    "usage_hint": "new | status <key> | my | help",
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(_SCOPES)}},
        "settings": {
            "event_subscriptions": {"request_url": url, "bot_events": ["app_home_opened"]},
            "interactivity": {"is_enabled": True, "request_url": url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
        },
    }
