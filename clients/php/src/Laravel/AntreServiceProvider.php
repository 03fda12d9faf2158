<?php

declare(strict_types=1);

namespace Antre\Laravel;

use Antre\Antre;
use Antre\Laravel\Commands\CheckCommand;
use Antre\Laravel\Commands\StatusCommand;
use Antre\Laravel\Commands\WriteBackCommand;
use Illuminate\Contracts\Container\Container;
use Illuminate\Support\ServiceProvider;

final class AntreServiceProvider extends ServiceProvider
{
    private const CONFIG = __DIR__ . '/../../config/antre.php';

    public function register(): void
    {
        $this->mergeConfigFrom(self::CONFIG, 'antre');
        $this->app->singleton(Antre::class, function (Container $app): Antre {
            $config = $app->make('config')->get('antre');
            $wait = $config['wait'] === null ? null : (float) $config['wait'];
            $redis = $app->make('redis');
            $open = function () use ($redis, $config) {
                $redis->purge($config['connection']);
                return $redis->connection($config['connection']);
            };
            return new Antre($open, $config['account'], $wait);
        });
    }

    public function boot(): void
    {
        if ($this->app->runningInConsole()) {
            $this->publishes([self::CONFIG => $this->app->configPath('antre.php')], 'antre-config');
            $this->commands([WriteBackCommand::class, StatusCommand::class, CheckCommand::class]);
        }
    }
}
