"""Language tasks as tools of a team: summarize, translate, sentiment, classify, extract."""
