"""Pages that seal what was written, so that it cannot be changed, taken away or cut off unseen."""

from incidents.anchors.kinds import CORE, Kind
from incidents.anchors.pages import anchor_pending
from incidents.anchors.proving import NoHead, breaches, heads_in

__all__ = ["CORE", "Kind", "NoHead", "anchor_pending", "breaches", "heads_in"]
