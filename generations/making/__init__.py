"""Jobs that begin with pictures instead of words: blends, descriptions and videos."""
