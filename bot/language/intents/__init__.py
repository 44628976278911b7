"""What people ask Nellie for in so many words, in many languages: requests, small talk, yes, no."""
