"""Redis pub/sub, the wire. Whatever is lost here is found again in Postgres."""
