"""Price sources; each module exports `build(section)`."""
