"""The design system: what pages are made of. Knows no model of ours; every door may use it."""
