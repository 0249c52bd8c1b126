# A visitor of Webim's chat, signed by hmac-sha256 as version 2.0. Needs Python 3 and nothing else.
import hashlib
import hmac
import json
{{environment "import os\n"}}import sys
import time
import urllib.parse
import urllib.request

address = {{address}}
host = {{host "chat"}}
key = {{value "WEBIM_PRIVATE_KEY"}}  # the 32 characters, not the bytes that they stand for


def sign(fields, expires):
    # The values in the order of the fields' names, nothing between them, and expires at the end.
    text = "".join(fields[name] for name in sorted(fields)) + str(expires)
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"fields": fields, "expires": expires, "hash": digest}


def encode(parameters):
    return urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)  # a plus may be taken for a plus


def ask(path, **parameters):
    query = encode(parameters)
    request = urllib.request.Request(f"{address}{path}?{query}", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read()


fields = {"id": "customer-1001", "display_name": "Анна Смирнова", "phone": "+79120000001"}
visitor = json.dumps(sign(fields, int(time.time()) + 600))

# The mobile SDK's first call: it says whether the signature is right.
answer = json.loads(ask("/l/v/m/init", **{"event": "init", "visitor-ext": visitor}))
if not answer.get("fullUpdate", {}).get("visitor", {}).get("hasProvidedFields"):
    sys.exit(f"Webim refuses: {answer.get('error')}")
print("Webim believes that this is", answer["fullUpdate"]["visitor"]["fields"]["name"])

# The chat for a browser. A credential for as long as the visitor holds.
ask("/webim/client.php", **{"provided-visitor": visitor})
print(f"http://{host}/webim/client.php?" + encode({"provided-visitor": visitor}))
