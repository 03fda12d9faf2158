<?php

declare(strict_types=1);

namespace Antre\Tests;

use Antre\Antre;
use Antre\Errors\InvoiceStillQueued;
use Antre\Errors\Unavailable;
use Antre\Tests\Support\Drivers;
use Antre\Tests\Support\Eventually;
use Antre\Tests\Support\Fleet;
use Antre\Tests\Support\Process;
use PHPUnit\Framework\TestCase;

/** Redis away, slow, restarted: who calls learns it soon, and no call gets the answer of another. */
final class OutageTest extends TestCase
{
    /** A promise of the module: who asks a Redis that is away waits no longer. */
    // The module's own time-outs end within 3 s; a machine that is busy with other tests may take longer to notice.
    private const AWAY_S = 10.0;

    private Fleet $fleet;

    protected function setUp(): void
    {
        $this->fleet = new Fleet();
    }

    protected function tearDown(): void
    {
        $this->fleet->redis()->signal(SIGCONT);
        $this->fleet->stop();
    }

    /** @return array<string, array{string}> */
    public function drivers(): array
    {
        return Drivers::NAMES;
    }

    private function assertUnavailable(callable $call): void
    {
        $since = microtime(true);
        try {
            $call();
            $this->fail('it answered');
        } catch (Unavailable) {
            $this->assertLessThan(self::AWAY_S, microtime(true) - $since);
        }
    }

    /** @dataProvider drivers */
    public function testARedisThatDoesNotAnswerIsUnavailableInTimeAndAnswersAreNotMixedUpLater(string $driver): void
    {
        $antre = new Antre(Drivers::connect($driver, $this->fleet->socket));
        $antre->create(['external_id' => 'A', 'amount' => 1000]);
        $this->fleet->redis()->signal(SIGSTOP);
        $this->assertUnavailable(fn () => $antre->enqueue(['external_id' => 'B', 'amount' => 1000]));
        $this->assertUnavailable(fn () => $antre->enqueueMany([['external_id' => 'C', 'amount' => 1000]]));
        $this->fleet->redis()->signal(SIGCONT);
        foreach (['D', 'E', 'F', 'B'] as $name) {
            $this->assertSame($name, $antre->create(['external_id' => $name, 'amount' => 1000], wait: 30)['external_id']);
        }
        $this->assertCount(1, $this->fleet->invoices('B'));
    }

    /** @dataProvider drivers */
    public function testARedisThatIsNotThereIsUnavailableInTimeAndThenUsedAgain(string $driver): void
    {
        $antre = new Antre(Drivers::connect($driver, $this->fleet->socket));
        $antre->create(['external_id' => 'A', 'amount' => 1000]);
        $this->fleet->redis()->end();
        $this->assertUnavailable(fn () => $antre->enqueue(['external_id' => 'B', 'amount' => 1000]));
        $this->assertUnavailable(fn () => $antre->create(['external_id' => 'B', 'amount' => 1000]));
        $this->fleet->startRedis();
        $this->assertSame('C', $antre->create(['external_id' => 'C', 'amount' => 1000], wait: 30)['external_id']);
        $this->assertSame([], $this->fleet->invoices('B'));
    }

    /** @dataProvider drivers */
    public function testAWaitGoesOnWhileRedisIsRestarted(string $driver): void
    {
        $this->fleet->pause();
        $antre = new Antre(Drivers::connect($driver, $this->fleet->socket));
        $job = $antre->enqueue(['external_id' => 'A', 'amount' => 1000]);
        $waiting = new Process([PHP_BINARY, __DIR__ . '/app/wait.php'], [
            'DRIVER' => $driver, 'SOCKET' => $this->fleet->socket, 'JOB' => $job, 'PATH' => getenv('PATH'),
        ]);
        Eventually::isTrue('it waits', fn () => str_contains($this->fleet->redisCli('CLIENT', 'LIST'), 'cmd=blmove'));
        $this->fleet->redis()->end(SIGTERM);
        $this->fleet->startRedis();
        $this->fleet->resume();
        $this->assertSame(0, $waiting->ended(), $waiting->output());
        $this->assertSame("done\n", $waiting->output());
    }

    /** @dataProvider drivers */
    public function testAJobThatIsInRedisIsStillQueuedWhenRedisGoesAway(string $driver): void
    {
        $this->fleet->pause();
        // Redis goes away once the wait has begun.
        $redis = "redis-cli -s {$this->fleet->socket}";
        $script = "until $redis CLIENT LIST | grep -q cmd=blmove; do :; done; $redis SHUTDOWN NOSAVE";
        $killing = new Process(['timeout', '30', 'sh', '-c', $script]);
        try {
            (new Antre(Drivers::connect($driver, $this->fleet->socket)))->create(['external_id' => 'A', 'amount' => 1000], wait: 2);
            $this->fail('it was made');
        } catch (InvoiceStillQueued $error) {
            $this->assertMatchesRegularExpression('/\A\d+-\d+\z/', $error->job);
            $this->assertSame(0, $this->fleet->redis()->ended());
        } finally {
            $killing->end();
        }
    }
}
