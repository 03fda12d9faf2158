<?php

declare(strict_types=1);

namespace Antre\Tests;

use Antre\Tests\Support\Eventually;
use Antre\Tests\Support\Fleet;
use Antre\Tests\Support\Process;
use PDO;
use PHPUnit\Framework\TestCase;

/** The application is killed at each step and started again: each bill has one invoice, and its link is in the database. */
final class KillTest extends TestCase
{
    private static Fleet $fleet;

    public static function setUpBeforeClass(): void
    {
        self::$fleet = new Fleet();
    }

    public static function tearDownAfterClass(): void
    {
        self::$fleet->stop();
    }

    /**
     * Where it is killed, what it does there, and a rule without which that goes wrong.
     *
     * @return array<string, array{string, string, string, string}>
     */
    public function kills(): array
    {
        $kills = [
            ['before-xadd', 'bill', 'sent-too-early'],
            ['after-xadd', 'bill', 'new-name'],
            ['while-waiting', 'bill', 'new-name'],
            ['before-commit', 'bill', 'sent-too-early'],
            ['before-xack', 'writeBack', 'ack-first'],
            ['after-xack', 'writeBack', 'commit-late'],
        ];
        $cases = [];
        foreach (['phpredis', 'predis'] as $driver) {
            foreach ($kills as $kill) {
                $cases["$kill[0], $driver"] = [...$kill, $driver];
            }
        }
        return $cases;
    }

    /** @dataProvider kills */
    public function testEachBillHasOneInvoiceAndItsLink(string $at, string $mode, string $broken, string $driver): void
    {
        $this->assertSame([], $this->faults($at, $mode, 'none', $driver));
    }

    /** @dataProvider kills */
    public function testABrokenRuleIsNoticed(string $at, string $mode, string $broken, string $driver): void
    {
        $this->assertNotSame([], $this->faults($at, $mode, $broken, $driver));
    }

    /** @return list<string> what is wrong after the application was killed and started again */
    private function faults(string $at, string $mode, string $broken, string $driver): array
    {
        $name = "$at-$broken-$driver";
        $store = self::$fleet->directory . "/$name.db";
        $app = fn (string $mode, string $kill) => new Process([PHP_BINARY, __DIR__ . '/app/billing.php'], [
            'STORE' => $store, 'SOCKET' => self::$fleet->socket, 'NAME' => $name, 'BREAK' => $broken, 'DRIVER' => $driver,
            'MODE' => $mode, 'KILL_AT' => $kill, 'PATH' => getenv('PATH'),
        ]);
        if ($mode === 'writeBack') {
            $this->assertEnds(0, $app('submit', 'never'));
        }
        if ($at === 'while-waiting') {
            self::$fleet->pause();
        }
        $first = $app($mode, $at);
        if ($at === 'while-waiting') {
            Eventually::isTrue('it waits', fn () => str_contains(self::$fleet->redisCli('CLIENT', 'LIST'), 'cmd=blmove'));
            $first->end(SIGKILL);
            self::$fleet->resume();
        }
        $this->assertEnds(-SIGKILL, $first);
        if ($mode === 'writeBack') {
            $job = json_encode(['invoice' => ['external_id' => "$name-last", 'amount' => 1]]);
            self::$fleet->redisCli('XADD', 'antre:{default}:inbox', 'NOMKSTREAM', '*', 'job', $job);
        }
        $this->assertEnds(0, $app($mode, 'never'));
        return $this->compare($name, new PDO("sqlite:$store"));
    }

    private function assertEnds(int $code, Process $process): void
    {
        $this->assertSame($code, $process->ended(), $process->output());
    }

    /** @return list<string> */
    private function compare(string $name, PDO $database): array
    {
        $found = [];
        $bills = $database->query('SELECT external_id, link FROM bills')->fetchAll(PDO::FETCH_KEY_PAIR);
        $this->assertCount(3, $bills);
        $all = self::$fleet->invoices();
        foreach ($bills as $customer => $link) {
            $invoices = array_values(array_filter($all, fn ($invoice) => str_starts_with($invoice['external_id'], $customer)));
            if (count($invoices) !== 1) {
                $found[] = "$customer has " . count($invoices) . ' invoices';
            }
            if ($link === null || $link !== ($invoices[0]['invoice_url'] ?? null)) {
                $found[] = "$customer has the link $link";
            }
        }
        return $found;
    }
}
