"""A company that does not exist, and four months at its service desk. Nothing imports it."""
