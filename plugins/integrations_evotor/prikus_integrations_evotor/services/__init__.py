"""What the plugin does with registers of Evotor."""
