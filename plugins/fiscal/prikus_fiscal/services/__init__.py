"""From a movement of money to a fiscal document: mapping, queue, repair."""
