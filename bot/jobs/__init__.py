"""What the clock does: each module exports EVERY (seconds), AT_ONCE, and `async def run(services)`."""
