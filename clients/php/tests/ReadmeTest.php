<?php

declare(strict_types=1);

namespace Antre\Tests;

use Antre\Laravel\Facades\Antre;
use Antre\Tests\Support\Fleet;
use Antre\Tests\Support\LaravelApplication;
use Antre\Tests\Support\Process;
use Illuminate\Support\Facades\DB;
use PHPUnit\Framework\TestCase;

/** Every PHP example of the README, run as it stands and in this order: whole programs alone, the others in Laravel. */
final class ReadmeTest extends TestCase
{
    private static Fleet $fleet;

    public static function setUpBeforeClass(): void
    {
        self::$fleet = new Fleet();
        mkdir(self::$fleet->directory . '/vendor');
        $bootstrap = var_export(__DIR__ . '/bootstrap.php', true);
        file_put_contents(self::$fleet->directory . '/vendor/autoload.php', "<?php require $bootstrap;\n");
    }

    public static function tearDownAfterClass(): void
    {
        self::$fleet->stop();
    }

    /** @return list<array{code: string, output: string}> */
    private static function examples(): array
    {
        $readme = file_get_contents(__DIR__ . '/../README.md');
        preg_match_all('/```php\n(.*?)```(?:\n\n```text\n(.*?)```)?/s', $readme, $blocks, PREG_SET_ORDER);
        return array_map(fn (array $block) => ['code' => $block[1], 'output' => $block[2] ?? ''], $blocks);
    }

    public function testEveryExampleRunsAndPrintsWhatTheReadmeSays(): void
    {
        $examples = self::examples();
        $this->assertGreaterThan(8, count($examples));
        $connection = $this->connection(array_shift($examples)['code']);
        $laravel = new LaravelApplication(self::$fleet->directory, ['client' => 'phpredis', 'options' => ['prefix' => 'x'], 'antre' => $connection]);
        DB::statement('CREATE TABLE invoices (id INTEGER PRIMARY KEY, external_id TEXT, amount NUMERIC, link TEXT, error TEXT, antre_order TEXT)');
        foreach (['1302' => 275000, '1304' => 350000, '1305' => 100000, '1306' => 200000] as $number => $amount) {
            DB::table('invoices')->insert(['external_id' => "INV-2026-11-$number", 'amount' => $amount, 'antre_order' => '']);
        }
        foreach ($examples as ['code' => $code, 'output' => $output]) {
            if (str_contains($code, 'bills:submit')) {
                // What the listeners have written so far, the conflict left alone.
                $laravel->artisan('antre:write-back', ['--stop-when-empty' => true]);
            }
            $this->assertSame($output, $this->execute($code), $code);
            Antre::clearResolvedInstance(\Antre\Antre::class);
            $laravel->app->forgetInstance(\Antre\Antre::class);
        }
        $links = DB::table('invoices')->pluck('link', 'external_id');
        foreach (['INV-2026-11-1302', 'INV-2026-11-1304'] as $bill) {
            $this->assertSame(self::$fleet->invoices($bill)[0]['invoice_url'], $links[$bill]);
        }
        $this->assertSame(0, DB::table('invoices')->whereNotNull('error')->count(), 'a conflict must not touch a bill that has a link');
    }

    /** @return array<string, mixed> the connection of the first block, with its URL */
    private function connection(string $code): array
    {
        $this->assertStringStartsWith("'antre' => [", $code);
        putenv('ANTRE_REDIS_URL=redis://127.0.0.1:' . self::$fleet->port);
        $_ENV['ANTRE_REDIS_URL'] = getenv('ANTRE_REDIS_URL');
        $redis = eval("return [$code];");
        return $redis['antre'];
    }

    private function execute(string $code): string
    {
        if (str_starts_with($code, '<?php')) {
            $file = self::$fleet->directory . '/example.php';
            file_put_contents($file, $code);
            $environment = ['REDIS_URL' => 'redis://127.0.0.1:' . self::$fleet->port, 'PATH' => getenv('PATH')];
            return Process::run([PHP_BINARY, $file], $environment, self::$fleet->directory);
        }
        ob_start();
        try {
            eval($code);
        } finally {
            $written = ob_get_clean();
        }
        return $written;
    }
}
