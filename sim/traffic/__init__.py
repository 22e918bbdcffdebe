"""What viewers ask of a world: made from a workload or read from a recording, sent in time, measured."""
