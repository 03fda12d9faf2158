<?php

// Performs the table of docs/languages/conformance.tsv with phpredis or predis: php php.php phpredis|predis TABLE

declare(strict_types=1);

define('ACCOUNT', getenv('ACCOUNT'));
[, $library, $table] = $argv;

/** Runs one command; an error is an exception, nil is null. */
function phpredis(string ...$command): mixed
{
    static $redis;
    if ($redis === null) {
        $url = parse_url(getenv('REDIS_URL'));
        $redis = new Redis();
        $redis->connect($url['host'], $url['port']);
        $redis->setOption(Redis::OPT_READ_TIMEOUT, 60);
    }
    $redis->clearLastError();
    $answer = $redis->rawCommand(...$command);
    $error = $redis->getLastError();
    return $error === null ? ($answer ?: null) : throw new RuntimeException($error);
}

/** The same. */
function predis(string ...$command): mixed
{
    static $redis;
    if ($redis === null) {
        require_once 'Predis/autoload.php';
        $redis = new Predis\Client(getenv('REDIS_URL') . '?read_write_timeout=60');
    }
    $answer = $redis->executeRaw($command, $isError);
    return $isError ? throw new RuntimeException($answer) : $answer;
}

function send(string $account, string $field, string $text): ?string
{
    global $library;
    return $library('XADD', "antre:{{$account}}:inbox", 'NOMKSTREAM', '*', $field, $text);
}

function wait(string $id, string $seconds): ?array
{
    global $library;
    $key = 'antre:{' . ACCOUNT . "}:result:$id";
    $text = $library('BLMOVE', $key, $key, 'LEFT', 'LEFT', $seconds);
    return $text === null ? null : json_decode($text, true, 512, JSON_THROW_ON_ERROR);
}

function command(string $field, string $text): array
{
    $id = send(ACCOUNT, $field, $text);
    while ((($answer = wait($id, '30'))['resolving'] ?? 0) > 0) {
        usleep(100_000);
    }
    return $answer;
}

function decoded(array $list): array
{
    $end = [];
    foreach (array_chunk($list, 2) as [$name, $value]) {
        $end[$name] = match ($name) {
            'is_bill_result' => $value === '1',
            'error', 'warnings' => json_decode($value, true, 512, JSON_THROW_ON_ERROR),
            default => $value === '' ? null : $value,
        };
    }
    return $end;
}

function ended(array $wanted): array
{
    global $library;
    $stream = 'antre:{' . ACCOUNT . '}:ended';
    $found = [];
    $library('XGROUP', 'CREATE', $stream, 'conformance', '0');
    while (array_diff($wanted, array_keys($found)) !== []) {
        $read = $library('XREADGROUP', 'GROUP', 'conformance', 'runner', 'BLOCK', '30000', 'STREAMS', $stream, '>');
        foreach ($read[0][1] ?? [] as [$entry, $list]) {
            $end = decoded($list);
            $found[$end['job']] = $end;
            $library('XACK', $stream, 'conformance', $entry);
        }
    }
    return array_map(fn (string $job) => $found[$job], $wanted);
}

$ids = [];
foreach (array_slice(file($table, FILE_IGNORE_NEW_LINES), 1) as $line) {
    [, $call, $account, $name, $argument] = explode("\t", $line);
    $argument = strtr($argument, $ids);
    if ($call === 'enqueue') {
        $answer = send($account === 'A' ? ACCOUNT : $account, 'job', $argument);
        $ids["<$name>"] = $answer ?? '';
    } elseif ($call === 'cancel' || $call === 'retry') {
        $answer = command($call, $argument);
    } elseif ($call === 'wait') {
        $answer = wait(...explode(' ', $argument));
    } elseif ($call === 'ended') {
        $answer = ended(explode(' ', $argument));
    } else {
        continue; // `given`: who starts this has done it
    }
    echo $name, "\t", json_encode($answer, JSON_THROW_ON_ERROR), "\n";
}
