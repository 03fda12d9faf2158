<?php

declare(strict_types=1);

namespace Antre\Tests\Support;

use RuntimeException;

/** A process of a test: started here, ended by its id, and its output kept for the one that reads a failure. */
final class Process
{
    /** @var resource */
    private $process;
    private readonly string $log;
    private ?int $signal = null;
    private ?int $code = null;

    /**
     * @param list<string> $command
     * @param ?array<string, string> $environment
     */
    public function __construct(private readonly array $command, ?array $environment = null, ?string $directory = null)
    {
        $this->log = tempnam(sys_get_temp_dir(), 'antre-log-');
        $streams = [['file', '/dev/null', 'r'], ['file', $this->log, 'a'], ['file', $this->log, 'a']];
        $this->process = proc_open($command, $streams, $pipes, $directory, $environment)
            ?: throw new RuntimeException("{$command[0]} does not start");
        // A test that fails half way leaves nothing behind.
        register_shutdown_function($this->end(...));
    }

    /** Runs a program to its end and returns its output, or fails with it. */
    public static function run(array $command, ?array $environment = null, ?string $directory = null): string
    {
        $process = new self($command, $environment, $directory);
        $ended = $process->ended();
        if ($ended !== 0) {
            throw new RuntimeException(implode(' ', $command) . " ended with $ended\n" . $process->output());
        }
        return $process->output();
    }

    public function output(): string
    {
        return (string) file_get_contents($this->log);
    }

    /** Waits for the end and returns the exit code, or the signal's number below zero. */
    public function ended(): int
    {
        Eventually::isTrue("{$this->command[0]} ends", fn () => ! $this->isRunning(), 60.0);
        return $this->signal === null ? (int) $this->code : -$this->signal;
    }

    public function signal(int $signal): void
    {
        if ($this->isRunning()) {
            proc_terminate($this->process, $signal);
        }
    }

    public function end(int $signal = SIGKILL): void
    {
        $this->signal($signal);
        $this->ended();
    }

    public function __destruct()
    {
        @unlink($this->log);
    }

    private function isRunning(): bool
    {
        if ($this->code !== null || $this->signal !== null) {
            return false;
        }
        $status = proc_get_status($this->process);
        if ($status['running']) {
            return true;
        }
        $this->code = $status['exitcode'];
        $this->signal = $status['signaled'] ? $status['termsig'] : null;
        return false;
    }
}
