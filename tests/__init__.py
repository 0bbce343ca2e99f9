"""The tests: a test name is a sentence, and its marks say what it proves."""
