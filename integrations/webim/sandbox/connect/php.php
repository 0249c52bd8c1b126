<?php
// A visitor of Webim's chat, signed by hmac-sha256 as version 2.0. Needs PHP 8 and no extension.
$address = {{address}};
$host = {{host "chat"}};
$key = {{value "WEBIM_PRIVATE_KEY"}}; // the 32 characters, not the bytes that they stand for

function fail(string $why): never
{
    fwrite(STDERR, "$why\n");
    exit(1);
}

function sign(array $fields, int $expires): array
{
    global $key;
    ksort($fields, SORT_STRING);
    // The values in the order of the fields' names, nothing between them, and expires at the end.
    $text = implode('', $fields) . $expires;
    return ['fields' => $fields, 'expires' => $expires, 'hash' => hash_hmac('sha256', $text, $key)];
}

function encode(array $parameters): string
{
    return http_build_query($parameters, '', '&', PHP_QUERY_RFC3986); // a plus may be taken for a plus
}

function ask(string $path, array $parameters): string
{
    global $address, $host;
    $options = ['header' => ["Host: $host"], 'timeout' => 10];
    $answer = file_get_contents("$address$path?" . encode($parameters), false, stream_context_create(['http' => $options]));
    return $answer === false ? fail("no answer to $path") : $answer;
}

$fields = ['id' => 'customer-1001', 'display_name' => 'Анна Смирнова', 'phone' => '+79120000001'];
$visitor = json_encode(sign($fields, time() + 600));

// The mobile SDK's first call: it says whether the signature is right.
$answer = json_decode(ask('/l/v/m/init', ['event' => 'init', 'visitor-ext' => $visitor]), true);
if (!($answer['fullUpdate']['visitor']['hasProvidedFields'] ?? false)) {
    fail('Webim refuses: ' . ($answer['error'] ?? 'no answer of its own'));
}
echo 'Webim believes that this is ', $answer['fullUpdate']['visitor']['fields']['name'], "\n";

// The chat for a browser. A credential for as long as the visitor holds.
ask('/webim/client.php', ['provided-visitor' => $visitor]);
echo "http://$host/webim/client.php?", encode(['provided-visitor' => $visitor]), "\n";
