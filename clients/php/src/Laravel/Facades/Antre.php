<?php

declare(strict_types=1);

namespace Antre\Laravel\Facades;

use Antre\Antre as Queue;
use Antre\Laravel\AntreFake;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Facade;

/**
 * @method static string enqueue(array $invoice, mixed ...$options)
 * @method static array enqueueMany(iterable $jobs, mixed ...$options)
 * @method static array create(array $invoice, ?float $wait = null, mixed ...$options)
 * @method static ?array result(string $job, float $wait = 0)
 * @method static array status()
 * @method static array createInvoiceWithRateLimit(array $invoice, \Antre\InvoicePriority $priority = \Antre\InvoicePriority::NORMAL)
 * @method static array createBulkInvoicesWithRateLimit(iterable $invoices, ?string $batch = null, mixed ...$options)
 * @method static array cancel(?string $job = null, ?string $externalId = null, ?string $batch = null, ?string $reason = null, ?string $by = null, bool $expire = false, ?float $wait = null)
 * @method static array retryDead(?string $job = null, ?string $externalId = null, ?string $batch = null, ?string $reason = null, ?string $by = null, ?float $wait = null)
 *
 * @see Queue
 */
final class Antre extends Facade
{
    /**
     * Enqueues the bill once the open transaction is committed, or at once where none is open; never after a rollback.
     *
     * @param array<string, mixed> $invoice
     */
    public static function afterCommit(array $invoice, mixed ...$options): void
    {
        DB::afterCommit(fn () => self::enqueue($invoice, ...$options));
    }

    /** Replaces the queue in tests: bills are remembered, and nothing is sent. */
    public static function fake(): AntreFake
    {
        self::swap($fake = new AntreFake());
        return $fake;
    }

    protected static function getFacadeAccessor(): string
    {
        return Queue::class;
    }
}
