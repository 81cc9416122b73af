"""The wire to the Bot API: requests over aiohttp, calls without object building, and what came of a message."""
