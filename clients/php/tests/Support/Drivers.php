<?php

declare(strict_types=1);

namespace Antre\Tests\Support;

use Predis\Client;
use Redis;

/** The two Redis clients of PHP, with time-outs shorter than a wait. */
final class Drivers
{
    public const NAMES = ['phpredis' => ['phpredis'], 'predis' => ['predis']];

    /** @param ?array{string, string} $user name and password */
    public static function connect(string $name, string $socket, ?array $user = null): Redis|Client
    {
        if ($name === 'predis') {
            $client = new Client(['scheme' => 'unix', 'path' => $socket, 'read_write_timeout' => 3]);
            if ($user !== null) {
                $client->executeRaw(['AUTH', ...$user]);
            }
            return $client;
        }
        $redis = new Redis();
        $redis->connect($socket);
        if ($user !== null) {
            $redis->auth($user);
        }
        $redis->setOption(Redis::OPT_READ_TIMEOUT, 3);
        return $redis;
    }
}
