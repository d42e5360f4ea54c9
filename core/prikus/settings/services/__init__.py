"""The rules of what the clinic sets: its modules and its places."""
