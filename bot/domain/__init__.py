"""The rules of the desk: values, errors and ports. Standard library only, no I/O."""
