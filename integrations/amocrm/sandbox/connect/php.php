<?php
// What a widget's backend does with the token that amoCRM's client cabinet hands to the widget.
// Needs PHP 8 and no extension.
$address = {{address}};
$host = {{host "account"}};
$clientId = {{value "AMOCRM_CLIENT_ID"}};
$secret = {{value "AMOCRM_CLIENT_SECRET"}};
$account = {{value "AMOCRM_ACCOUNT_ID"}};
$audience = {{value "AUDIENCE"}}; // the origin of the integration's redirect_uri

function fail(string $why): never
{
    fwrite(STDERR, "$why\n");
    exit(1);
}

function refuse(string $why): never
{
    fail("the token is refused: $why");
}

function decode(string $part): array
{
    return json_decode(base64_decode(strtr($part, '-_', '+/')), true) ?? refuse('it cannot be read');
}

function dealOf(string $token): int
{
    global $clientId, $secret, $account, $audience;
    $parts = explode('.', $token);
    count($parts) === 3 || refuse('it is no JWT');
    [$header, $payload, $signature] = $parts;
    (decode($header)['alg'] ?? '') === 'HS256' || refuse('another algorithm');
    $digest = hash_hmac('sha256', "$header.$payload", $secret, true);
    hash_equals(rtrim(strtr(base64_encode($digest), '+/', '-_'), '='), $signature) || refuse('its signature is wrong');
    [$claims, $now, $leeway] = [decode($payload), time(), 30];
    if ($claims['nbf'] - $leeway > $now || $now >= $claims['exp'] + $leeway) {
        refuse('it has expired, or is not valid yet');
    }
    // The vendor's own library compares aud without the port: take both.
    if (!in_array($claims['aud'], [$audience, preg_replace('/:\d+$/', '', $audience)], true) || $claims['client_uuid'] !== $clientId || (string) $claims['account_id'] !== $account) {
        refuse('it is for somebody else');
    }
    // Where the client cabinet's tokens name the deal amoCRM does not document.
    $data = $claims['data'] ?? [];
    in_array($data['entity_type'] ?? '', ['lead', 'leads'], true) || refuse('it names no deal');
    return (int) $data['entity_id'];
}

// Only the sandbox gives tokens so.
$options = ['header' => ["Host: $host"], 'timeout' => 10];
$token = file_get_contents("$address/_sandbox/token?deal=7001001", false, stream_context_create(['http' => $options]));
$token !== false || fail('no answer');

echo 'the token is for deal ', dealOf($token), " of account $account\n";
