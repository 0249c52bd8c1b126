# A member's points at SailPlay. Needs Python 3 and nothing else.
# Where nobody has joined yet it prints where a browser does; with what the browser then brings back
# run again: ORIGIN_USER_ID=… CODE=… python3 python.py
import json
import os
import sys
import urllib.parse
import urllib.request

address = {{address}}
host = {{host "sailplay"}}
partner = {{value "SAILPLAY_PARTNER_ID"}}
department = {{value "SAILPLAY_DEPARTMENT_ID"}}
secret = {{value "SAILPLAY_SECRET"}}
department_key = {{value "SAILPLAY_DEPARTMENT_KEY"}}
pin_code = {{value "SAILPLAY_PIN_CODE"}}
# A portal puts a state of its own here, to know its customer again.
redirect_url = {{value "REDIRECT_URL"}}


def call(path, **parameters):
    data = urllib.parse.urlencode(parameters).encode()
    request = urllib.request.Request(address + path, data, {"Host": host})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def refused(path, answer):
    sys.exit(f"SailPlay refuses {path}: {answer.get('message')}")


member = {"email": "anna@example.com"}
if os.environ.get("CODE"):
    # Within ten minutes, once, and with the very same redirect_url.
    # auth_hash is a credential of the account.
    joined = call(
        "/auth/get-auth-hash/", origin_user_id=os.environ["ORIGIN_USER_ID"], code=os.environ["CODE"],
        redirect_url=redirect_url, secret=secret, store_department_id=department,
    )
    if not joined.get("auth_hash"):
        refused("/auth/get-auth-hash/", joined)
    member = {"origin_user_id": joined["origin_user_id"]}

signed_in = call("/api/v2/login/", store_department_id=department, store_department_key=department_key, pin_code=pin_code)
if signed_in.get("status") != "ok":
    refused("/api/v2/login/", signed_in)

user = call("/api/v2/users/info/", token=signed_in["token"], store_department_id=department, **member)
if user.get("status") == "ok":
    print("points:", user["points"]["total"])
elif user.get("status_code") == -4000:
    print("nobody with", *member.values(), "has joined yet")
    query = {"store_department_id": department, "partner_id": partner, "redirect_url": redirect_url}
    print(f"http://{host}/auth/authorize/?" + urllib.parse.urlencode(query))
else:
    refused("/api/v2/users/info/", user)
