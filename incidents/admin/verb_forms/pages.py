"""Which page asks for which verb."""

from incidents.admin.verb_forms.analysis import (
    DoneForm,
    HypothesisForm,
    MajorForm,
    RootCauseForm,
    SeverityForm,
    StandDownForm,
    WeighForm,
)
from incidents.admin.verb_forms.base import VerbForm
from incidents.admin.verb_forms.closing import CancelForm, CloseForm, ReopenForm, ResolveForm
from incidents.admin.verb_forms.handling import (
    AcknowledgeForm,
    AssignForm,
    EditForm,
    HoldForm,
    MitigateForm,
    OverrideForm,
    ResumeForm,
    TakeForm,
)
from incidents.admin.verb_forms.linking import MergeForm, ParentForm, ProblemForm, UnwatchForm, WatchForm
from incidents.admin.verb_forms.redacting import RedactForm

#: One page a form: its address on the incident's page.
FORMS: dict[str, type[VerbForm]] = {
    "acknowledge": AcknowledgeForm,
    "assign": AssignForm,
    "take": TakeForm,
    "hold": HoldForm,
    "resume": ResumeForm,
    "mitigate": MitigateForm,
    "resolve": ResolveForm,
    "reopen": ReopenForm,
    "close": CloseForm,
    "cancel": CancelForm,
    "merge": MergeForm,
    "parent": ParentForm,
    "problem": ProblemForm,
    "watch": WatchForm,
    "unwatch": UnwatchForm,
    "edit": EditForm,
    "priority": OverrideForm,
    "severity": SeverityForm,
    "major": MajorForm,
    "stand-down": StandDownForm,
    "hypothesis": HypothesisForm,
    "weigh": WeighForm,
    "root-cause": RootCauseForm,
    "done": DoneForm,
    "redact": RedactForm,
}
