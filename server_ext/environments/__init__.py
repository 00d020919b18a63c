"""Will my code run there: what is installed in the kernel, the scheduler and the workers, and where they differ."""
