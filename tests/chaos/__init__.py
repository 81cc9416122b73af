"""The desk as a process of its own, killed when it suits nobody."""
