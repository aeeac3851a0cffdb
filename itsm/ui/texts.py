"""What a page shows: a text, or one that is put into the reader's language when it is drawn."""

from typing import TYPE_CHECKING, TypeAlias

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text
else:
    Text = str | Promise

StrOrPromise: TypeAlias = Text
