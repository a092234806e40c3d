"""`python -m midjourney.simulator`"""

import sys

from midjourney.simulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
