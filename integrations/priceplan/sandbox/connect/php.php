<?php
// The cabinet of a client of PricePlan's, as a manager. Needs PHP 8 and no extension.
$address = {{address}};
$host = {{host "cabinet"}}; // the API is here too
$user = {{value "PRICEPLAN_USER"}};
$password = {{value "PRICEPLAN_PASSWORD"}};
$session = []; // the manager's: a cookie

function fail(string $why): never
{
    fwrite(STDERR, "$why\n");
    exit(1);
}

function ask(string $method, string $path, ?array $body = null): mixed
{
    global $address, $host, $session;
    $headers = ["Host: $host", 'Content-Type: application/json', ...$session];
    $content = $body === null ? '' : json_encode($body);
    $options = ['method' => $method, 'header' => $headers, 'content' => $content, 'timeout' => 10];
    $stream = fopen($address . $path, 'r', false, stream_context_create(['http' => $options]));
    $stream || fail("no answer to $method $path");
    foreach (stream_get_meta_data($stream)['wrapper_data'] as $line) {
        if (preg_match('/^Set-Cookie: *([^;]+)/i', $line, $found)) {
            $session = ["Cookie: $found[1]"];
        }
    }
    $answer = json_decode(stream_get_contents($stream), true);
    if (($answer['success'] ?? false) !== true) { // which may come with HTTP status 200
        fail("PricePlan refuses $method $path: " . json_encode($answer['errors'] ?? null));
    }
    return $answer['data'] ?? fail("$method $path has no data");
}

ask('POST', '/api/login', ['user' => $user, 'password' => $password]);

foreach (ask('GET', '/api/clients/?take=5&fields=client__id,client__name') as $client) {
    echo $client['client__id'], ' ', $client['client__name'], "\n";
}

// A credential: it opens the cabinet once and soon, for a browser that comes from a page of a portal
// that the settings allow.
$key = ask('POST', '/api/clients/1001/auth-key/')['key'] ?? fail('there is no key');
echo "http://$host/auth-key/$key/\n";
