"""What can be done with a finished job's pictures: the buttons that its answer offered, and how they are pressed."""
