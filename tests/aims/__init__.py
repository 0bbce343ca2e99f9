"""Tests of aims."""
