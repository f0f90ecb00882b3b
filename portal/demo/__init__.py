"""`make demo`: the whole Portal on one machine, with the rehearsal Litmos beside it."""
