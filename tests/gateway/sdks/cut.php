<?php
// A program whose second request goes over the connection of the first one. Once the file is there, it sends it.

declare(strict_types=1);

require __DIR__ . '/recorded.php';

[, $url, $key, $go] = $argv;
$sdk = new RecordedSdk($url, $key);
$bill = static fn (string $name): array => ['external_id' => $name, 'amount' => 350000, 'description' => 'Internet'];

$sdk->create($bill('INV-first'));
echo "first\n";
while (!file_exists($go)) {
    usleep(10000);
    clearstatcache();
}
[$status, $invoice] = $sdk->create($bill('INV-cut'));
echo json_encode([$status, $invoice['id'] ?? $invoice], JSON_THROW_ON_ERROR), "\n";
