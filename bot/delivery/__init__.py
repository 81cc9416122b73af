"""From the outbox to Telegram: claim, render, pace, send, settle."""
