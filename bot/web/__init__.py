"""Two small servers: the public side for Telegram's webhook, the private side for whoever watches the desk."""
