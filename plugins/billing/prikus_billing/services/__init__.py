"""The work of billing: the only place with its rules."""
