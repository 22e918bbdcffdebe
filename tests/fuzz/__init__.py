"""Coverage-guided fuzzing: `tox -e fuzz`, for FUZZ_SECONDS (600 if not said)."""
