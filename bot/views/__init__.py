"""Nouns made into replies: pure functions of values, a language and a moment."""
