"""`nellie tune`: prompts that are made better against a metric, and measured on what none saw."""
