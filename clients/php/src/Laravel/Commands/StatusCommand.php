<?php

declare(strict_types=1);

namespace Antre\Laravel\Commands;

use Antre\Antre;
use Illuminate\Console\Command;

final class StatusCommand extends Command
{
    protected $signature = 'antre:status {--json : One JSON object}';

    protected $description = 'Show the figures of the account';

    public function handle(Antre $antre): int
    {
        $status = $antre->status();
        if ($this->option('json')) {
            $this->line((string) json_encode($status));
            return self::SUCCESS;
        }
        foreach ($status as $name => $value) {
            $this->line(str_pad($name, 22) . json_encode($value));
        }
        return self::SUCCESS;
    }
}
