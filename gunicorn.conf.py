"""Gunicorn reads this by itself, under `make run` and in production."""

# itsm/proxies.py alone decides whose forwarding headers are believed.
forwarded_allow_ips = ""

# Half-sent requests wait without a thread: itsm/web_worker.py. Threads are what is worked on at a time.
worker_class = "itsm.web_worker.Worker"
threads = 4
# At a time, of one process, each with at most a quarter of a megabyte that has come of its request.
worker_connections = 500
# Seconds without a byte, of a request that is coming in as between two of one caller.
keepalive = 15
