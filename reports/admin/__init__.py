from reports.admin.report import ReportAdmin
from reports.admin.schedule import ScheduleAdmin

__all__ = ["ReportAdmin", "ScheduleAdmin"]
