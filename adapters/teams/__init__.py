"""Microsoft Teams: what its export tools give is imported."""
