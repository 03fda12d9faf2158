<?php

declare(strict_types=1);

// Performs the table of docs/languages/conformance.tsv with this module: php conformance.php phpredis|predis TABLE
//
// What it cannot send, it leaves out.

use Antre\Antre;
use Antre\Errors\NotServed;

require __DIR__ . '/../bootstrap.php';

define('ACCOUNT', getenv('ACCOUNT'));
[, $library, $table] = $argv;

function antre(string $account): Antre
{
    global $library;
    $url = parse_url(getenv('REDIS_URL'));
    if ($library === 'predis') {
        return new Antre(new Predis\Client(getenv('REDIS_URL') . '?read_write_timeout=60'), $account);
    }
    $redis = new Redis();
    $redis->connect($url['host'], $url['port']);
    $redis->setOption(Redis::OPT_READ_TIMEOUT, 60);
    return new Antre($redis, $account);
}

/** Names of the protocol as those of arguments. */
function camel(array $fields): array
{
    $names = array_map(fn (string $name) => lcfirst(str_replace('_', '', ucwords($name, '_'))), array_keys($fields));
    return array_combine($names, $fields);
}

function enqueue(string $account, array $job): ?string
{
    $invoice = $job['invoice'];
    unset($job['invoice']);
    try {
        return antre($account)->enqueue($invoice, ...camel($job));
    } catch (NotServed) {
        return null;
    }
}

function ended(array $wanted): array
{
    $found = [];
    foreach (antre(ACCOUNT)->ended('conformance', 'runner') as $end) {
        $fields = get_object_vars($end);
        $names = array_map(fn (string $name) => strtolower(preg_replace('/[A-Z]/', '_$0', $name)), array_keys($fields));
        $found[$end->job] = array_combine($names, $fields);
        $end->ack();
        if (array_diff($wanted, array_keys($found)) === []) {
            break;
        }
    }
    return array_map(fn (string $job) => $found[$job], $wanted);
}

$read = fn (string $text) => json_decode($text, true, 512, JSON_THROW_ON_ERROR);
$calls = [
    'enqueue' => fn (string $argument, string $account) => enqueue($account === 'A' ? ACCOUNT : $account, $read($argument)),
    'cancel' => fn (string $argument) => antre(ACCOUNT)->cancel(...camel($read($argument))),
    'retry' => fn (string $argument) => antre(ACCOUNT)->retryDead(...camel($read($argument))),
    'wait' => fn (string $argument) => antre(ACCOUNT)->result(strtok($argument, ' '), (float) strtok(' ')),
    'ended' => fn (string $argument) => ended(explode(' ', $argument)),
];

$ids = [];
foreach (array_slice(file($table, FILE_IGNORE_NEW_LINES), 1) as $line) {
    [, $call, $account, $name, $argument] = explode("\t", $line);
    $argument = strtr($argument, $ids);
    // `given`: who starts this has done it. An id that is not known: of a row that was left out.
    if (! isset($calls[$call]) || str_contains($argument, '<')) {
        continue;
    }
    try {
        $answer = $calls[$call]($argument, $account);
    } catch (JsonException | InvalidArgumentException | Error) {
        continue; // no JSON, or no argument of this module
    }
    if ($call === 'enqueue') {
        $ids["<$name>"] = $answer ?? '';
    }
    echo $name, "\t", json_encode($answer, JSON_THROW_ON_ERROR), "\n";
}
