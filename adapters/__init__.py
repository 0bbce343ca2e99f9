"""The outside: one package per technology, each class fits a port."""
