"""Invented people for demo clinics and tests. Leans on nothing of the system."""
