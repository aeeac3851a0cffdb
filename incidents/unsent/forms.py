"""A form with files: those that arrived are not lost when it comes back, whatever it was refused for."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from incidents.errors import NoRoom
from incidents.models import StagedFile
from incidents.unsent import staging
from incidents.workflow import attaching


class LongText(forms.CharField):
    """Several lines. No `maxlength`: a browser cuts by it what is pasted, in silence. The form says it."""

    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class Files(forms.FileField):
    """Any number of files; which of them are taken is said by `workflow.attaching`, by name."""

    class Input(forms.ClearableFileInput):
        allow_multiple_selected = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_empty_file": True, "widget": self.Input(), **kwargs})

    def clean(self, data: object, initial: object = None) -> list[object]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(Files, self).clean(file, initial) for file in files if file is not None]


class WithFiles(forms.Form):
    """The door calls `come_back` when it shows the form again, and `sent` when it was done.

    `kept` in what was sent names files of an earlier try; a box of the page can leave each of them out.
    """

    attachments = Files()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        sent: Any = self.data
        keys = sent.getlist("kept") if self.is_bound else self.initial.get("kept", [])
        self.staged: list[StagedFile] = staging.staged(user, keys)
        self.good: list[Any] = []
        #: Of the answer that shows the form again.
        self.status = 200
        self.opened: list[staging.Upload] = []

    def clean_attachments(self) -> list[staging.Upload]:
        fresh = self.cleaned_data["attachments"]
        faults = attaching.faults(fresh, already=len(self.staged))
        self.good = [file for place, file in enumerate(fresh) if place not in faults]
        if found := [*faults.values(), *map(attaching.words_of, getattr(self.files, "untaken", ()))]:
            raise ValidationError(found)
        return [*self._waiting(), *(staging.as_upload(file) for file in fresh)]

    def _waiting(self) -> list[staging.Upload]:
        for row in self.staged:
            try:
                self.opened.append(staging.opened(row))
            except FileNotFoundError:  # the same form was sent at the same moment, and that one has it
                continue
        return self.opened

    def come_back(self, *, at: datetime) -> None:
        """Keep what arrived: it is shown beside the form, and sent with the next try."""
        self._close()
        try:
            self.staged += staging.stage(self.user, self.good, at=at)
        except NoRoom as full:
            self.status = full.page_status
            if full.message not in self.errors.get("attachments", []):
                self.add_error("attachments", full.message)
        self.good = []

    def sent(self) -> None:
        """They are attached now."""
        self._close()
        if self.staged:
            StagedFile.objects.filter(pk__in=[row.pk for row in self.staged]).discard()

    def _close(self) -> None:
        for file in self.opened:
            file.close()
