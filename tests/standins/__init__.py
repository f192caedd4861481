"""Servers on loopback that stand in for what lies beyond this machine, for tests and by hand."""
