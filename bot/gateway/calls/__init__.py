"""One call, from what it asks for to the row that it leaves, and the run that several may share."""
