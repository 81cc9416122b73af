"""What is wrong with an installation, in words: looked for from the settings outward, nothing changed on the way."""

from bot.doctor.findings import Finding, Level
from bot.doctor.rounds import look

__all__ = ["Finding", "Level", "look"]
