"""The words of the project, what a platform and a model must offer, and the errors."""
