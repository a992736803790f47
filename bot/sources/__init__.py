"""Where statuses come from when we ask: the export of the send history."""
