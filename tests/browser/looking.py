"""What axe and a ruler find on an open page, in the light and in the dark."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1440, 390)

# Without preload: axe would copy imported style sheets into the page, which the policy refuses it.
EVERY_RULE: dict[str, Any] = {"preload": False, "resultTypes": ["violations"]}
# The scheme changes colours and nothing else, so in the dark these are asked again.
COLOURS = EVERY_RULE | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def faults(page: Page) -> list[str]:
    found = []
    for scheme, rules in (("light", EVERY_RULE), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for fault in Axe().run(page, options=rules).response["violations"]:
            found += [f"{fault['id']} in the {scheme}: {node['html']}" for node in fault["nodes"][:3]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    return found
