"""Connecting, taking in, sending out."""
