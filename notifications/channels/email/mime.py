"""A mail as bytes: plain text, HTML and files, in headers that mail programs and robots understand."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from incidents.lines import one_line
from notifications.channels.base import Mail, Part
from notifications.channels.email.folding import WIRE, Subject
from notifications.channels.email.identity import BOUNCE, REPLY, mail_domain, sender, signed_address


def compose(mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=WIRE)
    name, address = sender()
    message["From"] = Address(one_line(name), addr_spec=address)
    message["To"] = Address(one_line(mail.name), addr_spec=ascii_address(mail.address))
    message["Subject"] = Subject(one_line(mail.subject))
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = mail.message_id
    if mail.thread:
        message["In-Reply-To"] = mail.thread
        message["References"] = mail.thread
    if mail.accepts_replies:
        message["Reply-To"] = Address(one_line(name), addr_spec=signed_address(REPLY, mail.uuid))
    # RFC 3834: no answering machine should answer this, and none of ours answers theirs.
    message["Auto-Submitted"] = "auto-replied" if mail.is_answer else "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if not mail.is_answer:
        message["List-Id"] = f"<incidents.{mail_domain()}>"
    if mail.stop_url:
        message["List-Unsubscribe"] = f"<{mail.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        _add_html(message, mail)
    for part in mail.parts:
        if not (part.content_id and mail.html):
            message.add_attachment(part.content, **_kind(part), filename=part.name)
    return message


def _add_html(message: EmailMessage, mail: Mail) -> None:
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    html = message.get_payload()[1]  # type: ignore[index]
    for part in mail.parts:
        if part.content_id:
            html.add_related(  # type: ignore[union-attr]
                part.content,
                **_kind(part),
                cid=f"<{part.content_id}>",
                filename=part.name,
                disposition="inline",
            )


def _kind(part: Part) -> dict[str, Any]:
    main, _, sub = part.content_type.partition("/")
    return {"maintype": main, "subtype": sub or "octet-stream"}


def bounce_address(mail: Mail) -> str:
    """The envelope's sender: what comes back names its delivery; to an automatic answer nothing does."""
    return "" if mail.is_answer else signed_address(BOUNCE, mail.uuid)


def ascii_address(address: str) -> str:
    """Domains in letters beyond ASCII have a form that every mail server takes."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address
