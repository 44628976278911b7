"""What a person may see in a browser, and who that person is."""
