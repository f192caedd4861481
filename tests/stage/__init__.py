"""What the tests are played on: real processes, a client, and a reader of event streams."""
