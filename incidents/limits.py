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

FILES = 10
FILE_MEGABYTES = 25
FILE_BYTES = FILE_MEGABYTES * 1024 * 1024
