"""The server install: compose file, image, scripts, and the commands that they name."""
