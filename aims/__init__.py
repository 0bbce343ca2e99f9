"""The rules of an AI management system: pure values and functions, no I/O, no clock, no randomness."""
