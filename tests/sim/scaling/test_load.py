from sim.scaling.load import Load


def test_a_pool_waits_as_long_as_where_it_waits_longest_and_is_as_busy_as_its_mean() -> None:
    """One full queue is a queue; one busy worker of two is half."""
    told = [
        {"render": {"queue_wait_seconds": 0.5, "utilisation": 1.0, "waiting": 3}},
        {"render": {"queue_wait_seconds": 0.1, "utilisation": 0.0, "waiting": 1}},
    ]
    assert Load.of(told) == Load(2, queue_wait_seconds=0.5, utilisation=0.5, waiting=4)
    assert Load.of([]) == Load(0)


def test_an_instance_that_tells_something_else_is_no_trouble() -> None:
    """One of another version is not counted, and a figure that is none is 0."""
    assert Load.of([{}, {"render": "busy"}]) == Load(0)
    assert Load.of([{"render": {"utilisation": None}}]) == Load(1)
