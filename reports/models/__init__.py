from reports.models.report import Report
from reports.models.schedule import Schedule

__all__ = ["Report", "Schedule"]
