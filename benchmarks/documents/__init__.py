"""How well documents are read: files that LibreOffice makes of texts whose words are known."""
