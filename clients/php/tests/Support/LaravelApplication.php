<?php

declare(strict_types=1);

namespace Antre\Tests\Support;

use Antre\Laravel\AntreServiceProvider;
use Illuminate\Config\Repository;
use Illuminate\Console\Application as Artisan;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Database\DatabaseServiceProvider;
use Illuminate\Events\EventServiceProvider;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Exceptions\Handler;
use Illuminate\Redis\RedisServiceProvider;
use Illuminate\Support\Facades\Facade;
use Symfony\Component\Console\Output\BufferedOutput;

/** A Laravel application with this package's provider, as auto-discovery would register it. */
final class LaravelApplication
{
    public readonly Application $app;
    private readonly Artisan $artisan;

    /** @param array<string, mixed> $redis the section `redis` of config/database.php */
    public function __construct(string $directory, array $redis)
    {
        $this->app = new Application($directory);
        $this->app->instance('config', new Repository([
            'app' => ['key' => '', 'debug' => true],
            'database' => [
                'default' => 'sqlite',
                'connections' => ['sqlite' => ['driver' => 'sqlite', 'database' => ':memory:', 'prefix' => '']],
                'redis' => $redis,
            ],
        ]));
        $this->app->singleton(ExceptionHandler::class, Handler::class);
        Facade::clearResolvedInstances();
        Facade::setFacadeApplication($this->app);
        $composer = json_decode(file_get_contents(dirname(__DIR__, 2) . '/composer.json'), true, 512, JSON_THROW_ON_ERROR);
        $own = $composer['extra']['laravel']['providers'];
        foreach ([EventServiceProvider::class, DatabaseServiceProvider::class, RedisServiceProvider::class, ...$own] as $provider) {
            $this->app->register($provider);
        }
        $this->app->boot();
        $this->artisan = new Artisan($this->app, $this->app->make('events'), '');
    }

    /**
     * The lines that the README tells to add to config/database.php, for this Redis.
     *
     * @return array<string, mixed>
     */
    public static function redis(string $client, string $socket, array $changes = []): array
    {
        $where = ['scheme' => 'unix', 'path' => $socket, 'host' => $socket, 'port' => 0];
        $lines = ['prefix' => '', 'options' => ['prefix' => ''], 'timeout' => 2, 'read_timeout' => 60, 'read_write_timeout' => 60];
        return [
            'client' => $client,
            'options' => ['prefix' => 'laravel_database_'],
            'antre' => $changes + $where + $lines,
        ];
    }

    /** Runs an artisan command and returns its exit code and its output. */
    public function artisan(string $command, array $parameters = []): array
    {
        $output = new BufferedOutput();
        $code = $this->artisan->call($command, $parameters, $output);
        return [$code, $output->fetch()];
    }
}
