"""The API for other programs, below /api/v1/ (docs/api.md)."""
