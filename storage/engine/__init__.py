"""Engines under the store; each offers `Engine` with read, write and close."""
