from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "itsm.ui"
    label = "ui"
