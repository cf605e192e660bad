"""`python okrplanner/health_check.py`: whether the web server beside it answers. For a container's HEALTHCHECK.

Run as a file it imports nothing of ours and costs next to nothing.
"""

import http.client
import os
import sys


def main() -> int:
    port = int((os.environ.get("BIND") or "127.0.0.1:8000").rpartition(":")[2])
    host = (os.environ.get("ALLOWED_HOSTS") or "localhost").split(",")[0].strip().lstrip(".").replace("*", "localhost")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/health/live", headers={"Host": host})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
