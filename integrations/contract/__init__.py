"""What a provider and the Portal say to each other. Pure Python: no Django, no HTTP."""
