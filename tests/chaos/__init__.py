"""Everything is killed and paused while it is watched, and nothing may be lost.

Run with `make chaos`. A plan of faults is made from a seed; authors ask, workers draw in a mood,
readers drop and resume. What each of them saw is written down as it came, and compared with the
tables at the end by a checker that shares no code with Limner.
"""
