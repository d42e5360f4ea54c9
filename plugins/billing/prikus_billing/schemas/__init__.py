"""What pages, services and other plugins say to each other, in the clinic's currency."""
