"""Gunicorn reads this by itself, under `make run` and in production."""

# itsm/proxies.py alone decides whose forwarding headers are believed.
forwarded_allow_ips = ""
