"""Hearing sources, keeping requests, listing them."""
