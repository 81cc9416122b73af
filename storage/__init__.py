"""What is kept: one SQLite file, its repositories one noun a file, and the vault that seals what must not be read."""
