# The cabinet of a client of PricePlan's, as a manager. Needs Python 3 and nothing else.
import http.cookiejar
import json
{{environment "import os\n"}}import sys
import urllib.request

address = {{address}}
host = {{host "cabinet"}}  # the API is here too
user = {{value "PRICEPLAN_USER"}}
password = {{value "PRICEPLAN_PASSWORD"}}

# The manager's session is a cookie.
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Host": host, "Content-Type": "application/json"}
    request = urllib.request.Request(address + path, data, headers, method=method)
    with opener.open(request, timeout=10) as response:
        answer = json.load(response)
    if answer.get("success") is not True:  # which may come with HTTP status 200
        sys.exit(f"PricePlan refuses {method} {path}: {answer.get('errors')}")
    return answer["data"]


ask("POST", "/api/login", {"user": user, "password": password})

for client in ask("GET", "/api/clients/?take=5&fields=client__id,client__name"):
    print(client["client__id"], client["client__name"])

# A credential: it opens the cabinet once and soon, for a browser that comes from a page of a portal
# that the settings allow.
key = ask("POST", "/api/clients/1001/auth-key/")["key"]
print(f"http://{host}/auth-key/{key}/")
