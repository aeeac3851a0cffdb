"""How much fits. Rules, forms, bodies of the API and columns read these; nothing else says a number."""

#: A title, a name, a source: what stands in one line.
LINE = 200
#: What somebody writes: a description, a reply, a reason, a resolution, a section of a review.
TEXT = 50_000
#: An excerpt kept as evidence. Longer ones are files.
EXCERPT = 200_000
#: A hypothesis, a follow-up: a sentence or two.
SENTENCES = 500
#: What was done, what speaks for a hypothesis: a paragraph.
PARAGRAPH = 5_000
#: The number of a change or ticket elsewhere.
REFERENCE = 80
#: How many rows one action of a list takes: more at once is a mistake more often than a wish.
AT_ONCE = 200

#: Keys and list items of one body, all its levels together: of the REST interface, and of the intake,
#: where one body may hold ten thousand alerts of twenty facts each.
PARTS, ALERT_PARTS = 2_000, 200_000
#: Levels of a body of the REST interface.
DEPTH = 20
#: So many wrong fields are named in one answer; the others are counted.
NAMED = 20

FILES = 10
FILE_MEGABYTES = 25
FILE_BYTES = FILE_MEGABYTES * 1024 * 1024


def is_too_much(body: object, *, parts: int, depth: int) -> bool:
    """Whether JSON that was read holds more keys and items, or more levels. Stops at the first too many."""
    level = [body]
    for _ in range(depth):
        holders = [value for value in level if isinstance(value, dict | list)]
        if not holders:
            return False
        parts -= sum(map(len, holders))
        if parts < 0:
            return True
        level = [part for value in holders for part in (value.values() if isinstance(value, dict) else value)]
    return any(isinstance(value, dict | list) for value in level)
