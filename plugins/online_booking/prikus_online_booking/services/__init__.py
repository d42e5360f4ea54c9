"""Publishing, taking bookings in, telling channels, listing."""
