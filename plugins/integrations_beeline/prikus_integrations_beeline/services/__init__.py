"""What the plugin does with the exchange of Beeline."""
