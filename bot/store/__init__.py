"""What is remembered: tables, and plain query functions grouped by noun."""
