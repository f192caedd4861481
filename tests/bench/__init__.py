"""What this machine does, measured and printed. Nothing here is asserted."""
