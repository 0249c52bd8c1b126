# What a widget's backend does with the token that amoCRM's client cabinet hands to the widget.
# Needs Python 3 and nothing else.
import base64
import hashlib
import hmac
import json
{{environment "import os\n"}}import re
import sys
import time
import urllib.request

address = {{address}}
host = {{host "account"}}
client_id = {{value "AMOCRM_CLIENT_ID"}}
secret = {{value "AMOCRM_CLIENT_SECRET"}}
account = {{value "AMOCRM_ACCOUNT_ID"}}
audience = {{value "AUDIENCE"}}  # the origin of the integration's redirect_uri


def refuse(why):
    sys.exit(f"the token is refused: {why}")


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def deal_of(token):
    header, payload, signature = token.split(".")
    if decode(header).get("alg") != "HS256":
        refuse("another algorithm")
    digest = hmac.new(secret.encode(), f"{header}.{payload}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(base64.urlsafe_b64encode(digest).decode().rstrip("="), signature):
        refuse("its signature is wrong")
    claims, now, leeway = decode(payload), time.time(), 30
    if not claims["nbf"] - leeway <= now < claims["exp"] + leeway:
        refuse("it has expired, or is not valid yet")
    # The vendor's own library compares aud without the port: take both.
    if claims["aud"] not in (audience, re.sub(r":\d+$", "", audience)) or claims["client_uuid"] != client_id or str(claims["account_id"]) != account:
        refuse("it is for somebody else")
    # Where the client cabinet's tokens name the deal amoCRM does not document.
    data = claims.get("data", {})
    if data.get("entity_type") not in ("lead", "leads"):
        refuse("it names no deal")
    return int(data["entity_id"])


# Only the sandbox gives tokens so.
request = urllib.request.Request(address + "/_sandbox/token?deal=7001001", headers={"Host": host})
with urllib.request.urlopen(request, timeout=10) as response:
    token = response.read().decode()

print("the token is for deal", deal_of(token), "of account", account)
