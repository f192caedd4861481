"""arq's queue: it carries hints to look at a generation, nothing that could not be lost."""
