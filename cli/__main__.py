"""`python -m cli` is the `aims` command."""

from cli.main import main

main()
