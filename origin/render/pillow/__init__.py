"""Plan → pixels, with Pillow. Runs only inside a worker process, under its limits."""
