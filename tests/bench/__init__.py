"""`python -m tests.bench [part …]`: the table of figures."""
