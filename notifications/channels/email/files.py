"""Without a mail server: one .eml file a mail, which the outbox preview of the admin shows."""

from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from notifications.channels.base import Mail, TransportError
from notifications.channels.email.mime import bounce_address, compose
from notifications.enums import Outcome


class FilesTransport:
    def close(self) -> None:
        """Nothing is kept open."""

    def send(self, message: Mail, *, before_handover: Callable[[], None]) -> str:
        folder = Path(settings.MAIL_DIR)
        content = compose(message)
        content["X-Envelope-From"] = bounce_address(message)
        path = folder / f"{message.at:%Y%m%d-%H%M%S.%f}-{message.uuid}.eml"
        before_handover()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
                file.write(content.as_bytes())
            Path(file.name).replace(path)
        except OSError as error:
            raise TransportError(f"{folder}: {error.strerror}", outcome=Outcome.CONFIG) from error
        return path.name
