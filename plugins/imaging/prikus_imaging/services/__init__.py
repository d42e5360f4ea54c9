"""What imaging decides."""
