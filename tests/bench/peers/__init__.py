"""Other libraries' bots, as bare as they can be: each answers /price with the text it got."""
