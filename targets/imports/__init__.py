"""People from a CSV file: read, mapped, checked row by row, and taken in at once."""
