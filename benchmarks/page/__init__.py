"""The page in a browser, over a memory of years: what it takes to show it."""
