"""`make bench`: our requests beside the ceiling of the stack. Only ratios of one run mean anything."""
