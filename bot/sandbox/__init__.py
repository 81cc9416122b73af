"""The world of `make run` without a token: stand-ins that speak the real wire protocols; nothing of the bot."""
