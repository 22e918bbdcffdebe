"""Our renderer beside sharp and pyvips in the process, our origin beside thumbor and ipx over HTTP."""
