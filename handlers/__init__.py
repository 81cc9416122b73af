"""What a person types or presses: one family of commands a file, each exporting COMMANDS."""
