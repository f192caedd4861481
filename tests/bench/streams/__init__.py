"""Who serves streams, and what is measured of them: one file each."""
