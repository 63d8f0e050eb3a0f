"""Exit status 0 if the server of this container is ready. Asks under the public name: others are refused."""

import http.client
import os
import sys
import urllib.parse

host = urllib.parse.urlsplit(os.environ["PUBLIC_URL"]).netloc
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
connection.request("GET", "/readyz", headers={"Host": host})
sys.exit(connection.getresponse().status != 200)
