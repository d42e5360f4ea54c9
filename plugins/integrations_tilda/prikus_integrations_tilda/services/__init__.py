"""Reading what Tilda sends, and checking that it is from this clinic's site."""
