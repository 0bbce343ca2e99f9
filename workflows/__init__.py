"""Processes: one durable workflow per file; they wait, ask the rules and order effects."""
