"""``python -m sekisho``: the command, from a checkout that is not installed."""

from sekisho.cli import main

main()
