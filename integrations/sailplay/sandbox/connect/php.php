<?php
// A member's points at SailPlay. Needs PHP 8 and no extension.
// Where nobody has joined yet it prints where a browser does; with what the browser then brings back
// run again: ORIGIN_USER_ID=… CODE=… php php.php
$address = {{address}};
$host = {{host "sailplay"}};
$partner = {{value "SAILPLAY_PARTNER_ID"}};
$department = {{value "SAILPLAY_DEPARTMENT_ID"}};
$secret = {{value "SAILPLAY_SECRET"}};
$departmentKey = {{value "SAILPLAY_DEPARTMENT_KEY"}};
$pinCode = {{value "SAILPLAY_PIN_CODE"}};
// A portal puts a state of its own here, to know its customer again.
$redirectUrl = {{value "REDIRECT_URL"}};

function fail(string $why): never
{
    fwrite(STDERR, "$why\n");
    exit(1);
}

function call(string $path, array $parameters): array
{
    global $address, $host;
    $options = [
        'method' => 'POST', 'header' => ["Host: $host", 'Content-Type: application/x-www-form-urlencoded'],
        'content' => http_build_query($parameters), 'timeout' => 10,
    ];
    $answer = file_get_contents($address . $path, false, stream_context_create(['http' => $options]));
    return json_decode((string) $answer, true) ?? fail("no answer to $path");
}

function refused(string $path, array $answer): never
{
    fail("SailPlay refuses $path: " . ($answer['message'] ?? ''));
}

$member = ['email' => 'anna@example.com'];
if (getenv('CODE')) {
    // Within ten minutes, once, and with the very same redirect_url.
    // auth_hash is a credential of the account.
    $joined = call('/auth/get-auth-hash/', [
        'origin_user_id' => getenv('ORIGIN_USER_ID'), 'code' => getenv('CODE'), 'redirect_url' => $redirectUrl,
        'secret' => $secret, 'store_department_id' => $department,
    ]);
    isset($joined['auth_hash']) || refused('/auth/get-auth-hash/', $joined);
    $member = ['origin_user_id' => $joined['origin_user_id']];
}

$signedIn = call('/api/v2/login/', ['store_department_id' => $department, 'store_department_key' => $departmentKey, 'pin_code' => $pinCode]);
($signedIn['status'] ?? '') === 'ok' || refused('/api/v2/login/', $signedIn);

$user = call('/api/v2/users/info/', ['token' => $signedIn['token'], 'store_department_id' => $department] + $member);
if (($user['status'] ?? '') === 'ok') {
    echo 'points: ', $user['points']['total'], "\n";
} elseif (($user['status_code'] ?? 0) === -4000) {
    echo 'nobody with ', current($member), " has joined yet\n";
    $query = ['store_department_id' => $department, 'partner_id' => $partner, 'redirect_url' => $redirectUrl];
    echo "http://$host/auth/authorize/?", http_build_query($query), "\n";
} else {
    refused('/api/v2/users/info/', $user);
}
