"""Consent of people to what changes something: asked, decided, and gone on with."""
