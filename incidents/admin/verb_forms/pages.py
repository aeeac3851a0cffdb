"""The pages of the verbs, by their address on the page of the incident."""

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
from incidents.admin.verb_forms.plain import plain_form
from incidents.admin.verb_forms.redacting import RedactForm
from incidents.enums import Verb
from incidents.verbs import VERBS, Page, address_of

_WRITTEN: dict[Verb, type[VerbForm]] = {
    form.verb: form
    for form in (
        AcknowledgeForm,
        AssignForm,
        HoldForm,
        ResumeForm,
        MitigateForm,
        ResolveForm,
        ReopenForm,
        CloseForm,
        CancelForm,
        MergeForm,
        ParentForm,
        ProblemForm,
        WatchForm,
        UnwatchForm,
        EditForm,
        OverrideForm,
        SeverityForm,
        MajorForm,
        StandDownForm,
        HypothesisForm,
        WeighForm,
        RootCauseForm,
        DoneForm,
        RedactForm,
    )
}
_OFFERED = (verb for verb, each in VERBS.items() if each.page == Page.MENU or verb in _WRITTEN)

FORMS: dict[str, type[VerbForm]] = {
    **{address_of(verb): _WRITTEN.get(verb) or plain_form(verb) for verb in _OFFERED},
    "take": TakeForm,
}
