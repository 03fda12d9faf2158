<?php

declare(strict_types=1);

namespace Antre\Laravel\Commands;

use Antre\Keys;
use Antre\Redis\Link;
use Illuminate\Console\Command;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Redis\Factory;
use Throwable;

final class CheckCommand extends Command
{
    protected $signature = 'antre:check';

    protected $description = 'Say whether bills of this application would arrive, and what to do if not';

    public function handle(Factory $redis, Repository $config): int
    {
        $name = $config->get('antre.connection');
        $keys = new Keys($config->get('antre.account'));
        try {
            if ($config->get("database.redis.$name") === null) {
                return $this->fault("config/database.php has no Redis connection '$name': add it, as the README shows");
            }
            $link = Link::to($redis->connection($name));
            $isServed = $link->command(['EXISTS', $keys->named('inbox')]) === 1;
            $this->line("ok     the connection '$name' answers, without a prefix");
            if (! $isServed) {
                return $this->fault("no worker has ever been started for the account {$keys->account}: "
                    . 'correct ANTRE_ACCOUNT, or start "antre worker" for it');
            }
            $this->line("ok     the account {$keys->account} has been served");
        } catch (Throwable $exception) {
            return $this->fault($exception->getMessage());
        }
        return self::SUCCESS;
    }

    private function fault(string $what): int
    {
        $this->error("FAULT  $what");
        return self::FAILURE;
    }
}
