"""People and places that tests share. Settings are in tests/settings.py."""
