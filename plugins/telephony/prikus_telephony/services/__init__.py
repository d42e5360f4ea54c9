"""What telephony decides."""
