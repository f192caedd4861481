"""Values and rules: what a plot, a character, a generation and its status are."""
