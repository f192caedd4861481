"""The names of the channels; all of them can be watched with `redis-cli psubscribe 'limner:*'`."""

STATUS_PREFIX = "limner:plot:"
"""Followed by a plot's id: status objects, each after its commit."""
HINT_PREFIX = "limner:hint:"
"""Followed by a plot's id: progress objects, or that the plot changed."""
WAKE = "limner:wake"
"""Something was put into the queue: workers look at once."""
UNWANTED_PREFIX = "limner:unwanted:"
"""Followed by a plot's id: something of it was canceled. Workers hear of that alone: of all that
all of them do they would hear three times for each drawing."""
PROBE_PREFIX = "limner:probe:"
"""Followed by a subscriber's own id: its message to itself."""

PREVIEW_PREFIX = "limner:preview:"
"""Followed by a generation's id and a picture's name: no channel but a key, which expires."""
