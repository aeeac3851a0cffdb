"""The rights of the desk beside Django's own of each table."""

WORK = "incidents.work_incident"
SEE_ALL = "incidents.see_all_incidents"
SEE_CONFIDENTIAL = "incidents.see_confidential_incidents"
OVERRIDE = "incidents.override_priority"
LEAD_MAJOR = "incidents.lead_major_incident"
REDACT = "incidents.redact_incident"
