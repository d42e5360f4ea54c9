"""`make bench`: our requests beside the ceiling of the stack, in the same run (only ratios of one run mean anything)."""
