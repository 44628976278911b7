"""Rules on arrival: labelling what was said, telling people of it, and posting recaps."""
