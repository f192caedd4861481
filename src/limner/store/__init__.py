"""Postgres, where the truth is. Nothing outside this room knows asyncpg."""
