"""Connecting, sending images, reading what was found."""
