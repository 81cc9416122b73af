"""The suite: what the desk promises, from single rules to the whole of it in a world of its own."""
