"""CPU time, peak memory and growth of the engine and of its peers, interleaved in one run: `./run bench engine`."""
