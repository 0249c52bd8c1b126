# The token that amoCRM's client cabinet hands to a widget for a deal. Needs sh, curl and openssl.
# This checks the signature and the life; a backend checks all that the blocks in Python and PHP do.
set -eu
address={{address}}
host={{host "account"}}
secret={{value "AMOCRM_CLIENT_SECRET"}}

# Only the sandbox gives tokens so.
token=$(curl --silent --show-error --fail --max-time 10 --header "Host: $host" "$address/_sandbox/token?deal=7001001")

signed=${token%.*}
right=$(printf '%s' "$signed" | openssl dgst -sha256 -hmac "$secret" -binary | openssl base64 -A | tr '+/' '-_' | tr -d =)
test "${token##*.}" = "$right" || { echo 'the token is refused: its signature is wrong' >&2; exit 1; }

claims=$(printf '%s' "${signed#*.}" | tr '_-' '/+')
while [ $((${#claims} % 4)) -ne 0 ]; do claims="$claims="; done
claims=$(printf '%s' "$claims" | openssl base64 -d -A)

expires=$(printf '%s' "$claims" | sed -n 's/.*"exp": *\([0-9]*\).*/\1/p')
test "$expires" -gt "$(date +%s)" || { echo 'the token is refused: it has expired' >&2; exit 1; }
echo "$claims"
