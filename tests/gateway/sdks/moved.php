<?php
// A program that calls as Xendit's PHP SDK does. Only the URL is the gateway's.

declare(strict_types=1);

require __DIR__ . '/recorded.php';

[, $url, $key, $name] = $argv;
$sdk = new RecordedSdk($url, $key);
$invoice = ['external_id' => $name, 'amount' => 350000, 'description' => 'Internet'];

$made = $sdk->create($invoice)[1];
$told = ['made' => ['id' => $made['id'], 'url' => $made['invoice_url'], 'status' => $made['status']]];
$told['again'] = $sdk->create($invoice)[1]['id'];
$told['read'] = $sdk->call('GET', '/v2/invoices/' . rawurlencode($made['id']))[1]['id'];
$told['listed'] = array_column($sdk->call('GET', '/v2/invoices?' . http_build_query(['external_id' => $name]))[1], 'id');
$told['expired'] = $sdk->call('POST', '/invoices/' . rawurlencode($made['id']) . '/expire!')[1]['status'];
$told['anew'] = $sdk->create($invoice)[1]['id'];

$failed = static function (array $answer): array {
    [$status, $body] = $answer;
    return [$status, $body['error_code']];
};
$told['refused'] = $failed($sdk->create(['external_id' => "$name-refused", 'amount' => 1, 'currency' => 'XXX']));
$told['conflict'] = $failed($sdk->create(['amount' => 1] + $invoice));
$told['otherUser'] = $failed($sdk->create($invoice, 'somebody'));
echo json_encode($told, JSON_THROW_ON_ERROR), "\n";
