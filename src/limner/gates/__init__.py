"""What all workers must agree on, in Redis: an account's slots, and whom to leave alone."""
