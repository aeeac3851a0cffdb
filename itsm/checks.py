"""System checks: values that would hurt in production stop the start, by name."""
