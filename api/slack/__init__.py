"""The entrance for Slack: signed requests in, acts and private answers out."""
