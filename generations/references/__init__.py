"""Reference pictures: taken in, used in prompts, and shown to the service for as long as a job needs them."""
