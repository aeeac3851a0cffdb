"""What reports announce.

report_made: sent after commit with `report_id: int`. It is a nudge: a listener that misses it gets it
again with the next tick, until the report is marked as announced (`making.announced`).
"""

from django.dispatch import Signal

report_made = Signal()
