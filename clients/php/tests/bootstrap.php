<?php

declare(strict_types=1);

// Debian's packages, by their own loaders; this one's classes by name.
foreach (['Illuminate', 'Predis'] as $package) {
    require_once "$package/autoload.php";
}
spl_autoload_register(function (string $class): void {
    $file = preg_replace(['#^Antre\\\\Tests\\\\#', '#^Antre\\\\#'], [__DIR__ . '/', __DIR__ . '/../src/'], $class, 1);
    $file = str_replace('\\', '/', $file) . '.php';
    if (str_starts_with($class, 'Antre\\') && is_file($file)) {
        require $file;
    }
});
