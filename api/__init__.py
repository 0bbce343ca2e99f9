"""The entrance: HTTP and Slack become calls on workflows."""
