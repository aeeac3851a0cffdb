"""What the core announces. Nothing else leaves it.

timeline_recorded: sent after commit by `incidents.timeline`, with `entry_id: int` (of several
written at once the last). It is a nudge: a
listener that misses it finds the entry by `announced_at IS NULL`.
"""

from django.dispatch import Signal

timeline_recorded = Signal()
