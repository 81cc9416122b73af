"""The whole desk against its world over loopback: what people type and press, and the days when things break."""
