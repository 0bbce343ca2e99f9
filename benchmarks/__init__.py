"""The measured work, side by side with its baseline."""
