"""What the service is asked, and its words in those of messaging."""
