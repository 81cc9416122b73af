"""One notice of each kind about keys and guards, as their services store them."""

HEALTH = {
    "trade": True,
    "margin": None,
    "ip_bound": False,
    "expires_at": "2027-02-01T00:00:00+00:00",
    "skew_ms": 12,
    "warnings": [],
}
STORED = {
    "id": "0123456789ab",
    "exchange": "Binance",
    "label": "main",
    "fingerprint": "7F3A-91C2",
    "version": 1,
    "health": HEALTH,
    "phrase": "blue heron",
}

SAMPLES = {
    "key_wanted": {
        "exchange": "Binance",
        "vendor": "binance",
        "label": "main",
        "secrets": ["key", "secret"],
        "url": "",
        "minutes": 5,
        "key_page": "https://binance.example/keys",
        "phrase": "blue heron",
    },
    "key_stored": STORED,
    "key_frozen": STORED | {"health": HEALTH | {"trouble": "withdraw"}},
    "key_renamed": {"id": "0123456789ab", "was": "main", "label": "spare"},
    "key_dropped": {"exchange": "Binance", "label": "main"},
    "locked": {},
    "unlocked": {"was_locked": True},
    "limits_saved": {"per_order": "1000", "per_day": "5000"},
    "phrase_saved": {"phrase": "blue heron"},
    "second_step_on": {},
    "second_step_off": {},
    "code_wrong": {"left": 2, "minutes": 15},
}
