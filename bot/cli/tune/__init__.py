"""`nellie tune`: prompts made better, shown with what that is worth, applied and taken back."""
