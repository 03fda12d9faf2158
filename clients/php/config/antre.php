<?php

return [
    // The connection in config/database.php, under 'redis': used for Antre alone, without a prefix.
    'connection' => env('ANTRE_REDIS_CONNECTION', 'antre'),

    // The account at Xendit, as the worker names it.
    'account' => env('ANTRE_ACCOUNT', 'default'),

    // How many seconds `create` waits. Null: 5 in a web request, because each wait holds a process of PHP-FPM; else 45.
    'wait' => env('ANTRE_WAIT'),
];
