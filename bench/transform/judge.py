"""SSIMULACRA 2 of pictures: two paths a line on standard input (true, seen), the score a line on standard output.

Runs in the peers' environment. 90 and more: no difference to be seen; 70: good; below 50: poor.
"""

import json
import sys

from ssimulacra2 import compute_ssimulacra2


def main() -> None:
    for line in sys.stdin:
        true, seen = json.loads(line)
        print(float(compute_ssimulacra2(true, seen)), flush=True)


if __name__ == "__main__":
    main()
