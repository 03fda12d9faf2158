<?php

declare(strict_types=1);

namespace Antre\Redis;

use Closure;
use Redis;
use RedisException;

final class PhpRedisLink extends Link
{
    /** Opens the connection again. */
    private readonly Closure $renew;
    private bool $isLost = false;

    /** @param ?Closure(): Redis $renew without it, the same server, user and database are connected to */
    public function __construct(private Redis $redis, ?Closure $renew = null)
    {
        try {
            self::refusePrefix($redis->getOption(Redis::OPT_PREFIX));
            $this->renew = $renew ?? self::again($redis);
        } catch (RedisException $exception) {
            throw self::unavailable($exception, mayHaveArrived: false);
        }
    }

    /** phpredis does not open a connection again after it failed to. */
    private static function again(Redis $redis): Closure
    {
        [$host, $port, $auth, $database] = [$redis->getHost(), $redis->getPort(), $redis->getAuth(), $redis->getDBNum()];
        return function () use ($redis, $host, $port, $auth, $database): Redis {
            $redis->connect($host, $port, self::ANSWER_S, null, 0, self::ANSWER_S);
            if ($auth) {
                $redis->auth($auth);
            }
            if ($database) {
                $redis->select($database);
            }
            return $redis;
        };
    }

    public function command(array $command, float $limitS = self::ANSWER_S): mixed
    {
        $answer = $this->within($limitS, fn () => $this->redis->rawCommand(...$command));
        // Nil is `false`, and after a blocking command an empty array.
        return $answer === false || $answer === [] ? null : $answer;
    }

    public function pipeline(array $commands): array
    {
        $answers = $this->within(self::ANSWER_S, function () use ($commands) {
            $pipeline = $this->redis->multi(Redis::PIPELINE);
            foreach ($commands as $command) {
                $pipeline->rawCommand(...$command);
            }
            return $pipeline->exec();
        });
        return array_map(fn ($answer) => $answer === false ? null : $answer, $answers);
    }

    private function within(float $limitS, callable $act): mixed
    {
        $this->reopen();
        try {
            $before = $this->redis->getOption(Redis::OPT_READ_TIMEOUT);
            $this->redis->setOption(Redis::OPT_READ_TIMEOUT, $limitS);
            $this->redis->clearLastError();
            $answer = $act();
            $error = $this->redis->getLastError();
            $this->redis->setOption(Redis::OPT_READ_TIMEOUT, $before);
        } catch (RedisException $exception) {
            // phpredis goes on using it: the late answer would be taken for that of the next command.
            $this->redis->close();
            $this->isLost = true;
            throw self::unavailable($exception, mayHaveArrived: true);
        }
        if ($error !== null) {
            throw new Refusal($error);
        }
        return $answer;
    }

    private function reopen(): void
    {
        if (! $this->isLost) {
            return;
        }
        try {
            $this->redis = ($this->renew)();
            $this->isLost = false;
        } catch (RedisException $exception) {
            throw self::unavailable($exception, mayHaveArrived: false);
        }
    }
}
