<?php

declare(strict_types=1);

namespace Antre\Tests\Support;

use Predis\Client;
use Redis;

/** The two Redis clients of PHP, with time-outs shorter than a wait. */
final class Drivers
{
    public const NAMES = ['phpredis' => ['phpredis'], 'predis' => ['predis']];

    public static function connect(string $name, string $socket): Redis|Client
    {
        if ($name === 'predis') {
            return new Client(['scheme' => 'unix', 'path' => $socket, 'read_write_timeout' => 3]);
        }
        $redis = new Redis();
        $redis->connect($socket);
        $redis->setOption(Redis::OPT_READ_TIMEOUT, 3);
        return $redis;
    }
}
