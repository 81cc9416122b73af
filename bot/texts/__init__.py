"""Every word a person reads, one catalogue a language, and how each language writes numbers and times."""

from bot.texts.catalogue import Catalogue, Html, Texts

__all__ = ["Catalogue", "Html", "Texts"]
