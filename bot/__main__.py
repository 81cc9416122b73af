"""`python -m bot`: the same as `changedesk`."""

from bot.cli import main

main()
