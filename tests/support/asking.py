"""`python -m tests.support.asking`: a viewer who is told what to ask by lines of JSON, and tells what came of it.

`{"url": …, "headers": {…}, "seconds": 60}` is answered by `{"status": 200, "headers": {…}, "body": HEX}`; status 0:
nothing came, and the body says why. Header names are in lower case. It keeps its connections, as a browser does.
"""

import json
import sys

import urllib3


def main() -> None:
    """Until standard input ends."""
    http = urllib3.PoolManager(retries=False)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = http.request("GET", asked["url"], headers=asked["headers"], timeout=asked["seconds"])
        except urllib3.exceptions.HTTPError as error:
            told = {"status": 0, "headers": {}, "body": repr(error).encode().hex()}
        else:
            fields = {name.lower(): value for name, value in answer.headers.items()}
            told = {"status": answer.status, "headers": fields, "body": answer.data.hex()}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
