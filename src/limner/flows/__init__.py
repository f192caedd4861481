"""What happens in Limner, one file for each thing that happens. No driver is imported here."""
