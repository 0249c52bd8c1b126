# The cabinet of a client of PricePlan's, by an API key. Needs sh and curl.
set -eu
address={{address}}
host={{host "staff"}} # takes API keys; the cabinet's host does not
cabinet={{host "cabinet"}} # where the client's browser goes
key={{value "PRICEPLAN_API_KEY"}}
password={{value "PRICEPLAN_PASSWORD"}}

# PricePlan also says no with HTTP status 200: what counts is success.
ask() {
	answer=$(curl --silent --show-error --fail --max-time 10 --header "Host: $host" --user "$key:$password" "$@")
	case $answer in
	*'"success":true'* | *'"success": true'*) ;;
	*) echo "PricePlan refuses: $answer" >&2; exit 1 ;;
	esac
}

ask "$address/api/clients/?take=5&fields=client__id,client__name"
echo "$answer"

ask --request POST "$address/api/clients/1001/auth-key/"
link=$(printf '%s' "$answer" | sed -n 's/.*"link": *"\([^"]*\)".*/\1/p')
test -n "$link" || { echo "there is no link in $answer" >&2; exit 1; }

# A credential: it opens the cabinet once and soon, for a browser that comes from a page of a portal
# that the settings allow.
echo "http://$cabinet$link"
