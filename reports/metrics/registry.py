"""Every measure by its name. A new one is defined beside its function and listed here."""

from reports.metrics import backlog, counts, durations, flow, sla, volume, waits

MEASURES = {
    measure.name: measure
    for measure in (
        volume.OPENED,
        volume.RESOLVED,
        volume.CLOSED,
        backlog.UNRESOLVED,
        backlog.NOT_CLOSED,
        waits.WAITED_TO_ACKNOWLEDGE,
        waits.WAITED_TO_RESOLVE,
        sla.ACKNOWLEDGE_TARGET_MET,
        sla.RESOLVE_TARGET_MET,
        flow.REOPENED_SHARE,
        flow.REASSIGNED_SHARE,
        flow.REOPENED_BY_TRANSITION,
        flow.REASSIGNMENTS,
        flow.STATE_TRANSITIONS,
        flow.STATE_TRANSITIONS_RECORDED,
        durations.TIME_TO_ACKNOWLEDGE,
        durations.TIME_TO_FIRST_ASSIGNMENT,
        durations.TIME_TO_RESOLVE_RECORDED,
        durations.TIME_TO_RESOLVE,
        durations.TIME_TO_CLOSE,
        counts.COUNT_BY,
        counts.PRIORITY_MATRIX,
    )
}
