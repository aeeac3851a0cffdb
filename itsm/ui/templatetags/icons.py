"""Icons by what they mean. A page draws each of them once, in a sprite at its end."""

from functools import cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags.heroicons import heroicon_mini, heroicon_outline

register = template.Library()

# What a thing means -> which drawing shows it. Templates name the meaning only.
ICONS = {
    "action": "wrench-screwdriver",
    "alert": "bell-alert",
    "attach": "paper-clip",
    "bell": "bell",
    "calendar": "calendar",
    "category": "tag",
    "chart": "chart-bar",
    "check": "check",
    "check-circle": "check-circle",
    "children": "rectangle-stack",
    "clock": "clock",
    "close": "x-mark",
    "collapse": "chevron-double-left",
    "deliveries": "paper-airplane",
    "down": "chevron-down",
    "download": "arrow-down-tray",
    "evidence": "document-magnifying-glass",
    "eye": "eye",
    "filter": "funnel",
    "globe": "globe-alt",
    "heart": "heart",
    "home": "home",
    "incident": "inbox",
    "info": "information-circle",
    "item": "computer-desktop",
    "key": "key",
    "late": "exclamation-circle",
    "left": "chevron-left",
    "link": "link",
    "location": "map-pin",
    "lock": "lock-closed",
    "log-out": "arrow-right-start-on-rectangle",
    "macro": "bolt",
    "mail": "envelope",
    "major": "fire",
    "menu": "bars-3",
    "more": "ellipsis-horizontal",
    "note": "lock-closed",
    "pause": "pause",
    "pencil": "pencil",
    "phone": "phone",
    "plug": "key",
    "plus": "plus",
    "print": "printer",
    "priority": "flag",
    "problem": "bug-ant",
    "reply": "chat-bubble-left-right",
    "review": "document-check",
    "right": "chevron-right",
    "search": "magnifying-glass",
    "service": "server-stack",
    "settings": "cog-6-tooth",
    "sort": "arrows-up-down",
    "source": "signal",
    "table": "table-cells",
    "team": "user-group",
    "trend-up": "arrow-trending-up",
    "upload": "arrow-up-tray",
    "user": "user",
    "warning": "exclamation-triangle",
}

# Small marks of meaning are solid, everything that only decorates a word is an outline.
SOLID = frozenset(
    "late warning check-circle check pause major down left right more close plus info".split()  # noqa: SIM905 -- reads better
)

# Badges, list cells and the pages of what broke are drawn without a request: their icons are always on board.
ALWAYS = frozenset("attach check children clock home late lock major pause warning".split())  # noqa: SIM905 -- reads better


@cache
def symbol(name: str) -> SafeString:
    solid = name in SOLID
    drawing = str(heroicon_mini(ICONS[name]) if solid else heroicon_outline(ICONS[name]))
    inner = mark_safe(drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")])  # noqa: S308 -- the library's own drawing
    if solid:
        return format_html(
            '<symbol id="i-{}" viewBox="0 0 20 20" fill="currentColor">{}</symbol>', name, inner
        )
    return format_html(
        '<symbol id="i-{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8">'
        "{}</symbol>",
        name,
        inner,
    )


def drawn(name: str, css: str = "") -> SafeString:
    """An icon that stands in the sprite in any case, or that the caller puts there."""
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="#i-{}"></use></svg>', css, name)


@register.simple_tag(takes_context=True)
def icon(context: dict[str, object], name: str, css: str = "") -> SafeString:
    """`{% icon "attach" %}`; remembers on the request that the page's sprite needs it."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"No icon means {name!r}; see itsm/ui/templatetags/icons.py.")
    if (request := context.get("request")) is not None:
        request.__dict__.setdefault("used_icons", set()).add(name)
    return drawn(name, css)


@register.simple_tag(takes_context=True)
def icon_sprite(context: dict[str, object], extra: str = "") -> SafeString:
    """The drawings of the icons this page used. Once a page, last thing in the body."""
    request = context.get("request")
    used: set[str] = request.__dict__.get("used_icons", set()) if request is not None else set()
    names = sorted(used | ALWAYS | set(extra.split()))
    return format_html(
        '<svg class="sprite" aria-hidden="true">{}</svg>',
        format_html_join("", "{}", ((symbol(name),) for name in names)),
    )
