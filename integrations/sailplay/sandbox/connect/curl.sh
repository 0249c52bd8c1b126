# A member's points at SailPlay. Needs sh and curl.
# Where nobody has joined yet it prints where a browser does; with what the browser then brings back
# run again: ORIGIN_USER_ID=… CODE=… sh curl.sh
set -eu
address={{address}}
host={{host "sailplay"}}
partner={{value "SAILPLAY_PARTNER_ID"}}
department={{value "SAILPLAY_DEPARTMENT_ID"}}
secret={{value "SAILPLAY_SECRET"}}
department_key={{value "SAILPLAY_DEPARTMENT_KEY"}}
pin_code={{value "SAILPLAY_PIN_CODE"}}
# A portal puts a state of its own here, to know its customer again.
redirect_url={{value "REDIRECT_URL"}}

call() { # a path, and parameters as NAME=VALUE
	path=$1
	shift
	for parameter in "$@"; do
		set -- "$@" --data-urlencode "$parameter"
		shift
	done
	answer=$(curl --silent --show-error --fail --max-time 10 --header "Host: $host" "$@" "$address$path")
}

field() {
	printf '%s' "$answer" | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}

refused() {
	echo "SailPlay refuses $path: $answer" >&2
	exit 1
}

member=email=anna@example.com
if [ -n "${CODE:-}" ]; then
	# Within ten minutes, once, and with the very same redirect_url.
	# auth_hash is a credential of the account.
	call /auth/get-auth-hash/ "origin_user_id=$ORIGIN_USER_ID" "code=$CODE" "redirect_url=$redirect_url" \
		"secret=$secret" "store_department_id=$department"
	test -n "$(field auth_hash)" || refused
	member=origin_user_id=$(field origin_user_id)
fi

call /api/v2/login/ "store_department_id=$department" "store_department_key=$department_key" "pin_code=$pin_code"
token=$(field token)
test -n "$token" || refused

call /api/v2/users/info/ "token=$token" "store_department_id=$department" "$member"
case $answer in
*'"status":"ok"'* | *'"status": "ok"'*)
	echo "points: $(printf '%s' "$answer" | sed -n 's/.*"total": *\([0-9]*\).*/\1/p')"
	;;
*'"status_code":-4000'* | *'"status_code": -4000'*)
	echo "nobody with $member has joined yet"
	link=$(curl --silent --show-error --fail --max-time 10 --header "Host: $host" --output /dev/null --write-out '%{url_effective}' --get \
		--data-urlencode "store_department_id=$department" --data-urlencode "partner_id=$partner" --data-urlencode "redirect_url=$redirect_url" \
		"$address/auth/authorize/")
	echo "http://$host${link#"$address"}"
	;;
*) refused ;;
esac
