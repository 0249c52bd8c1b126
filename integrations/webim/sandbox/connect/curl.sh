# A visitor of Webim's chat, signed by hmac-sha256 as version 2.0. Needs sh, curl and openssl.
set -eu
address={{address}}
host={{host "chat"}}
key={{value "WEBIM_PRIVATE_KEY"}} # the 32 characters, not the bytes that they stand for

id=customer-1001
name='Анна Смирнова'
phone=+79120000001
expires=$(($(date +%s) + 600))

# What is signed: the values in the order of the fields' names, nothing between them, then expires.
hash=$(printf '%s' "$name$id$phone$expires" | openssl dgst -sha256 -hmac "$key" | sed 's/.* //')

# Values with quotes or backslashes would have to be escaped here.
visitor=$(printf '{"fields": {"display_name": "%s", "id": "%s", "phone": "%s"}, "expires": %s, "hash": "%s"}' \
	"$name" "$id" "$phone" "$expires" "$hash")

ask() {
	curl --silent --show-error --fail --max-time 10 --header "Host: $host" --get "$@"
}

# The mobile SDK's first call: it says whether the signature is right.
answer=$(ask --data event=init --data-urlencode "visitor-ext=$visitor" "$address/l/v/m/init")
case $answer in
*'"hasProvidedFields":true'* | *'"hasProvidedFields": true'*) echo "Webim believes that this is $name" ;;
*) echo "Webim refuses: $answer" >&2; exit 1 ;;
esac

# The chat for a browser. A credential for as long as the visitor holds.
link=$(ask --data-urlencode "provided-visitor=$visitor" --output /dev/null --write-out '%{url_effective}' "$address/webim/client.php")
echo "http://$host${link#"$address"}" | sed 's/+/%20/g' # a plus may be taken for a plus
