<?php

declare(strict_types=1);

namespace Antre\Tests\Support;

/** What the tests run against: a redis-server, a simulated Xendit and a worker, each a real process of the test's own. */
final class Fleet
{
    public readonly string $directory;
    public readonly string $socket;
    public readonly int $port;
    private string $url = '';
    private ?Process $redis = null;
    private ?Process $xendit = null;
    private ?Process $worker = null;

    public function __construct(private readonly string $requestTimeout = '2s')
    {
        $this->directory = sys_get_temp_dir() . '/antre-php-' . bin2hex(random_bytes(6));
        mkdir($this->directory, 0o700);
        $this->socket = "{$this->directory}/redis.sock";
        $this->port = self::freePort();
        $this->startRedis();
        $this->xendit = new Process([self::antreProgram(), 'xendit-sim', '--listen', '127.0.0.1:0', '--limit', 'none']);
        $this->url = Eventually::isTrue('the simulator listens', function (): string {
            return preg_match('#http://[\d.]+:\d+#', $this->xendit->output(), $found) === 1 ? $found[0] : '';
        });
        $this->worker = new Process([self::antreProgram(), 'worker'], $this->environment(), $this->directory);
        Eventually::isTrue('the account is served', fn () => $this->redisCli('EXISTS', 'antre:{default}:config') === '1');
    }

    public function startRedis(): void
    {
        $settings = ['--port', (string) $this->port, '--bind', '127.0.0.1', '--unixsocket', $this->socket, '--dir', $this->directory];
        $kept = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
        $this->redis = new Process(['redis-server', ...$settings, ...$kept]);
        Eventually::isTrue('redis-server answers', fn () => str_contains($this->redis->output(), 'ready to accept'));
    }

    public function redis(): Process
    {
        return $this->redis;
    }

    /** Runs the antre command. */
    public function antre(string ...$arguments): string
    {
        return Process::run([self::antreProgram(), ...$arguments], $this->environment(), $this->directory);
    }

    public function redisCli(string ...$command): string
    {
        return rtrim(Process::run(['redis-cli', '-s', $this->socket, ...$command]));
    }

    public function pause(): void
    {
        $this->antre('pause', '--reason', 'a test');
    }

    public function resume(): void
    {
        $this->antre('resume');
    }

    /** @return list<array<string, mixed>> the invoices at Xendit with this external id, as Xendit answered */
    public function invoices(?string $externalId = null): array
    {
        $query = $externalId === null ? '' : '?external_id=' . rawurlencode($externalId);
        $invoices = json_decode(file_get_contents("{$this->url}/_sim/invoices$query"), true, 512, JSON_THROW_ON_ERROR);
        // The simulator's control route also shows whose invoice it is.
        return array_map(fn (array $invoice) => array_diff_key($invoice, ['account' => 1]), $invoices);
    }

    public function setLatency(string $latency): void
    {
        $request = ['method' => 'PUT', 'header' => 'Content-Type: application/json', 'content' => json_encode(['latency' => $latency])];
        file_get_contents("{$this->url}/_sim/latency", false, stream_context_create(['http' => $request]));
    }

    public function stop(): void
    {
        foreach ([$this->worker, $this->xendit, $this->redis] as $process) {
            $process?->end();
        }
        Process::run(['rm', '-r', $this->directory]);
    }

    /** @return array<string, string> */
    private function environment(): array
    {
        return [
            'PATH' => getenv('PATH'),
            'ANTRE_REDIS_URL' => "redis+unix://{$this->socket}",
            'XENDIT_SECRET_KEY' => 'xnd_development_antre_php',
            'XENDIT_BASE_URL' => $this->url,
            'ANTRE_LIMITS' => '100/1s',
            'ANTRE_CONCURRENCY' => '10',
            'ANTRE_REQUEST_TIMEOUT' => $this->requestTimeout,
            'ANTRE_CONNECT_TIMEOUT' => '1s',
            // After a restart of Redis a job begins with a look-up: how long one that finds nothing is not believed.
            'ANTRE_TRUST_ABSENCE_ANSWERED' => '200ms',
            'ANTRE_TRUST_ABSENCE_UNANSWERED' => '500ms',
            'ANTRE_HTTP_LISTEN' => 'off',
        ];
    }

    private static function antreProgram(): string
    {
        return getenv('ANTRE_BIN') ?: dirname(__DIR__, 4) . '/target/debug/antre';
    }

    private static function freePort(): int
    {
        $server = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($server, false), ':'), 1);
        fclose($server);
        return $port;
    }
}
