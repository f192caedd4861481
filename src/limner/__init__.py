"""Limner draws images of a story's characters and lets people watch, truthfully, while it happens.

Words, the same in SQL, Python, JSON and on the page:
    plot        a story; owns characters, one event stream, and one sequence of numbers
    character   a person in a plot, whom images are drawn of
    generation  one request to draw a character; its id is the `task_id`
    attempt     one try at a generation by a worker, counted from 1
    transition  one change of a generation's status; a row that is never changed
    seq         the number of a transition within its plot, gapless, in commit order
    lease       a worker's right to an attempt, for a time, under a token that is new for every take
    provider    what makes the pixels

Rooms, from the top; each may use those below it, and none beside it:
    cli → web | worker | embedded → resources → flows → store | bus | jobs | providers | images
    → settings | log | encoding → domain
"""
