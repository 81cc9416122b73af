"""Vendors, each behind a port of bot.domain.ports: one vendor, one file. No vendor's error or words leave here."""
