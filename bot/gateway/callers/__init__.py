"""Who calls: keys, the people they stand for, and whether those are still there."""
