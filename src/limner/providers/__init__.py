"""What makes pixels."""
