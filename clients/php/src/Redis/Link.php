<?php

declare(strict_types=1);

namespace Antre\Redis;

use Antre\Errors\Unavailable;
use Closure;
use Illuminate\Redis\Connections\Connection;
use InvalidArgumentException;
use Predis\ClientInterface;
use Redis;
use Throwable;

/** One connection to Redis: raw commands, each answered in time or `Unavailable`. Nil is null, whatever the driver makes of it. */
abstract class Link
{
    /** How long Redis may take to answer. */
    public const ANSWER_S = 2.5;

    private const PREFIX = "the connection puts a prefix before every key, where nobody reads. Give Antre a connection of its own, "
        . "and add to it in config/database.php:\n    'prefix' => '',\n    'options' => ['prefix' => ''],";

    /** Takes phpredis' `Redis`, predis' client, a connection of Laravel's with either of them, or a function that opens one. */
    public static function to(object $redis): self
    {
        $open = $redis instanceof Closure ? fn () => self::client($redis()) : null;
        $redis = $open ? $open() : self::client($redis);
        if ($redis instanceof Redis) {
            return new PhpRedisLink($redis, $open);
        }
        if ($redis instanceof ClientInterface) {
            return new PredisLink($redis);
        }
        throw new InvalidArgumentException('redis must be a Redis (phpredis), a Predis\Client or a connection of Laravel to one '
            . 'server, not ' . get_debug_type($redis));
    }

    /**
     * Runs one command.
     *
     * @param list<string> $command
     * @throws Refusal if Redis answers with an error
     * @throws Unavailable if it does not answer in time; the connection is thrown away then
     */
    abstract public function command(array $command, float $limitS = self::ANSWER_S): mixed;

    /**
     * Runs many commands, sent together.
     *
     * @param list<list<string>> $commands
     * @return list<mixed>
     * @throws Refusal|Unavailable
     */
    abstract public function pipeline(array $commands): array;

    private static function client(object $redis): object
    {
        return $redis instanceof Connection ? $redis->client() : $redis;
    }

    protected static function refusePrefix(?string $prefix): void
    {
        if ($prefix !== null && $prefix !== '') {
            throw new InvalidArgumentException(self::PREFIX);
        }
    }

    protected static function unavailable(Throwable $cause, bool $mayHaveArrived): Unavailable
    {
        $advice = $mayHaveArrived ? 'the command may have arrived; repeat it' : 'nothing was sent; try again later';
        return new Unavailable("Redis did not answer: {$cause->getMessage()} ($advice)", $mayHaveArrived, previous: $cause);
    }
}
