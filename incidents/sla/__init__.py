"""SLA met or missed: business time, targets, clocks."""
