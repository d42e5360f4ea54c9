"""
The peer: the same requests, written by hand in Django the way its documentation does, on the same tables.

It signs in by Django's sessions, asks for rights, guards a booking by looking first, writes the rows that ours writes,
and shows pages of the same bytes through its own templates, in which all but the values of the rows is written out. It
has no policies, no idempotency keys, no hooks.
"""
