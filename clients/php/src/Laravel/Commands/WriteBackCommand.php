<?php

declare(strict_types=1);

namespace Antre\Laravel\Commands;

use Antre\Antre;
use Antre\End;
use Antre\Laravel\Events\InvoiceFailed;
use Antre\Laravel\Events\InvoiceReady;
use Illuminate\Console\Command;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Events\Dispatcher;
use Throwable;

final class WriteBackCommand extends Command
{
    protected $signature = 'antre:write-back
        {--group=billing : What the entries are for; each group gets every entry}
        {--consumer= : The name of this process in the group; the host name by default}
        {--stop-when-empty : End when nothing new came for a second}';

    protected $description = 'Fire InvoiceReady and InvoiceFailed for every job that ends; keep it running by a supervisor';

    private bool $isStopping = false;

    public function handle(Antre $antre, Dispatcher $events, ExceptionHandler $exceptions): int
    {
        $this->listenToSignals();
        $ends = $antre->ended(
            $this->option('group'),
            $this->option('consumer') ?: gethostname(),
            (bool) $this->option('stop-when-empty'),
            fn () => $this->isStopping,
        );
        foreach ($ends as $end) {
            try {
                $events->dispatch(self::event($end));
                // After the listeners, so after their commit: what is lost before comes again.
                $end->ack();
            } catch (Throwable $exception) {
                // The entry comes again after a minute, or at the next start.
                $exceptions->report($exception);
                $this->error("{$end->entry}: {$exception->getMessage()}");
            }
        }
        return self::SUCCESS;
    }

    private static function event(End $end): InvoiceReady|InvoiceFailed
    {
        return $end->isBillResult && $end->state === 'done' ? new InvoiceReady($end) : new InvoiceFailed($end);
    }

    private function listenToSignals(): void
    {
        if (function_exists('pcntl_async_signals')) {
            pcntl_async_signals(true);
            foreach ([SIGTERM, SIGINT] as $signal) {
                pcntl_signal($signal, fn () => $this->isStopping = true);
            }
        }
    }
}
