<?php

declare(strict_types=1);

namespace Antre\Redis;

use InvalidArgumentException;
use Predis\ClientInterface;
use Predis\Command\Processor\KeyPrefixProcessor;
use Predis\Command\RawCommand;
use Predis\Connection\NodeConnectionInterface;
use Predis\PredisException;
use Predis\Response\ErrorInterface;
use Predis\Response\ServerException;

final class PredisLink extends Link
{
    private readonly NodeConnectionInterface $connection;
    private bool $isOpen = false;

    public function __construct(private readonly ClientInterface $redis)
    {
        $prefix = $redis->getOptions()->prefix;
        self::refusePrefix($prefix instanceof KeyPrefixProcessor ? $prefix->getPrefix() : $prefix);
        $connection = $redis->getConnection();
        if (! $connection instanceof NodeConnectionInterface) {
            throw new InvalidArgumentException('redis must be a client of one server: clusters and replication are not supported');
        }
        $this->connection = $connection;
    }

    public function command(array $command, float $limitS = self::ANSWER_S): mixed
    {
        $answer = $this->within($limitS, fn () => $this->redis->executeCommand(RawCommand::create(...$command)));
        if ($answer instanceof ErrorInterface) {
            throw new Refusal($answer->getMessage());
        }
        return $answer;
    }

    public function pipeline(array $commands): array
    {
        return $this->within(self::ANSWER_S, fn () => $this->redis->pipeline(function ($pipeline) use ($commands): void {
            foreach ($commands as $command) {
                $pipeline->executeCommand(RawCommand::create(...$command));
            }
        }));
    }

    private function within(float $limitS, callable $act): mixed
    {
        try {
            $this->isOpen = false;
            $stream = $this->connection->getResource();
            $this->isOpen = true;
            if (is_resource($stream)) {
                stream_set_timeout($stream, (int) $limitS, (int) (fmod($limitS, 1.0) * 1_000_000));
            }
            return $act();
        } catch (ServerException $exception) {
            // The rest of a pipeline's answers may not have been read.
            $this->connection->disconnect();
            throw new Refusal($exception->getMessage());
        } catch (PredisException $exception) {
            $this->connection->disconnect();
            throw self::unavailable($exception, mayHaveArrived: $this->isOpen);
        }
    }
}
