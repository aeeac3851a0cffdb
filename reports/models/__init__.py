from reports.models.report import READ, Report
from reports.models.schedule import Schedule

__all__ = ["READ", "Report", "Schedule"]
