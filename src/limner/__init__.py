"""Limner draws images of a story's characters and lets people watch while it happens."""
