# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_antre_global_optspecs
    string join \n a/account= c/config= redis-url= h/help V/version
end

function __fish_antre_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_antre_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_antre_using_subcommand
    set -l cmd (__fish_antre_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c antre -n "__fish_antre_needs_command" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_needs_command" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_needs_command" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antre -n "__fish_antre_needs_command" -s V -l version -d 'Print version'
complete -c antre -n "__fish_antre_needs_command" -f -a "worker" -d 'Serve accounts: accept jobs, send requests, deliver links'
complete -c antre -n "__fish_antre_needs_command" -f -a "serve" -d 'Answer over HTTP only: status, health, scaling, metrics. Sends nothing'
complete -c antre -n "__fish_antre_needs_command" -f -a "gateway" -d 'Answer Xendit\'s own invoice calls from the queue. Sends nothing itself'
complete -c antre -n "__fish_antre_needs_command" -f -a "enqueue" -d 'Put jobs into the queue from JSON Lines or CSV'
complete -c antre -n "__fish_antre_needs_command" -f -a "status" -d 'Show waiting, running and dead jobs, and the reason if nothing is sent'
complete -c antre -n "__fish_antre_needs_command" -f -a "job" -d 'Show everything about one job'
complete -c antre -n "__fish_antre_needs_command" -f -a "dead" -d 'List, show, retry or discard dead jobs'
complete -c antre -n "__fish_antre_needs_command" -f -a "cancel" -d 'Cancel jobs, if no request for them can have created an invoice'
complete -c antre -n "__fish_antre_needs_command" -f -a "pause" -d 'Stop sending requests, until resumed or for some time'
complete -c antre -n "__fish_antre_needs_command" -f -a "resume" -d 'Send requests again after a pause'
complete -c antre -n "__fish_antre_needs_command" -f -a "account" -d 'Say that a worker\'s key belongs to an account'
complete -c antre -n "__fish_antre_needs_command" -f -a "recheck" -d 'Look bills up at Xendit before creating: after a restored backup or an old replica'
complete -c antre -n "__fish_antre_needs_command" -f -a "inbox" -d 'Move jobs out of the inbox of a mistyped account'
complete -c antre -n "__fish_antre_needs_command" -f -a "check" -d 'Check configuration, Redis, keys and accounts, and list every fault'
complete -c antre -n "__fish_antre_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c antre -n "__fish_antre_using_subcommand worker" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand worker" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand worker" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand worker" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand serve" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand serve" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand serve" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand serve" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand gateway" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand gateway" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand gateway" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand gateway" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand enqueue" -l results -d 'Where to write results: .csv, .tsv or JSON Lines. Without it: beside the file' -r -F
complete -c antre -n "__fish_antre_using_subcommand enqueue" -l timeout -d 'How long to wait at most, as in 2h' -r
complete -c antre -n "__fish_antre_using_subcommand enqueue" -l connect-timeout -d 'How long Redis may refuse jobs before this ends with code 1. The reason is shown after 2 s' -r
complete -c antre -n "__fish_antre_using_subcommand enqueue" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand enqueue" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand enqueue" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand enqueue" -l wait -d 'Wait until every job has ended, and write the results to a file'
complete -c antre -n "__fish_antre_using_subcommand enqueue" -l check-first -d 'Look each bill up at Xendit first: it may already have an invoice that Antre does not know'
complete -c antre -n "__fish_antre_using_subcommand enqueue" -l dry-run -d 'Check the jobs, show all warnings, and send none'
complete -c antre -n "__fish_antre_using_subcommand enqueue" -l ids -d 'Write the jobs\' ids, one a line'
complete -c antre -n "__fish_antre_using_subcommand enqueue" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand status" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand status" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand status" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand status" -l watch -d 'Show it again every second, until Ctrl-C'
complete -c antre -n "__fish_antre_using_subcommand status" -l json -d 'One JSON object; fields may be added, none changes'
complete -c antre -n "__fish_antre_using_subcommand status" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand job" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand job" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand job" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand job" -l json -d 'One JSON object'
complete -c antre -n "__fish_antre_using_subcommand job" -l show-data -d 'Also the submitted job and Xendit\'s answer, with personal data'
complete -c antre -n "__fish_antre_using_subcommand job" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -f -a "list" -d 'List dead jobs, the latest first'
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -f -a "show" -d 'Show one dead job'
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -f -a "retry" -d 'Give dead jobs their retries again'
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -f -a "discard" -d 'Remove dead jobs for good'
complete -c antre -n "__fish_antre_using_subcommand dead; and not __fish_seen_subcommand_from list show retry discard help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from list" -l limit -d 'How many' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from list" -l offset -d 'How many to skip' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from list" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from list" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from list" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from list" -l json -d 'A JSON array, with the fields of `antre job --json`'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from show" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from show" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from show" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from show" -l json -d 'One JSON object'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from show" -l show-data -d 'Also the submitted job and Xendit\'s answer, with personal data'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from retry" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from retry" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from retry" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from retry" -l all -d 'All dead jobs'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from discard" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from discard" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from discard" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from discard" -l all -d 'All dead jobs'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from discard" -l yes -d 'Yes, remove all of them'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from discard" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "list" -d 'List dead jobs, the latest first'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one dead job'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "retry" -d 'Give dead jobs their retries again'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "discard" -d 'Remove dead jobs for good'
complete -c antre -n "__fish_antre_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c antre -n "__fish_antre_using_subcommand cancel" -l batch -d 'All jobs of this batch' -r
complete -c antre -n "__fish_antre_using_subcommand cancel" -l reason -d 'The reason. The stream of events has it' -r
complete -c antre -n "__fish_antre_using_subcommand cancel" -l by -d 'Your name. Without it: your user name and this machine\'s name' -r
complete -c antre -n "__fish_antre_using_subcommand cancel" -l timeout -d 'How long to wait for the end of --expire and --batch, as in 2m. What is not done by then goes on' -r
complete -c antre -n "__fish_antre_using_subcommand cancel" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand cancel" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand cancel" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand cancel" -l expire -d 'Leave no open invoice of the bills: look for invoices, and expire them'
complete -c antre -n "__fish_antre_using_subcommand cancel" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand pause" -l for -d 'How long, as in 30m or 2h; until resumed otherwise' -r
complete -c antre -n "__fish_antre_using_subcommand pause" -l reason -d 'The reason. `antre status` and health show it' -r
complete -c antre -n "__fish_antre_using_subcommand pause" -l by -d 'Your name. Without it: your user name and this machine\'s name' -r
complete -c antre -n "__fish_antre_using_subcommand pause" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand pause" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand pause" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand pause" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand resume" -l by -d 'Your name. Without it: your user name and this machine\'s name' -r
complete -c antre -n "__fish_antre_using_subcommand resume" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand resume" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand resume" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand resume" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand account; and not __fish_seen_subcommand_from accept-key help" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand account; and not __fish_seen_subcommand_from accept-key help" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand account; and not __fish_seen_subcommand_from accept-key help" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand account; and not __fish_seen_subcommand_from accept-key help" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand account; and not __fish_seen_subcommand_from accept-key help" -f -a "accept-key" -d 'Accept the key that a worker shows as this account\'s'
complete -c antre -n "__fish_antre_using_subcommand account; and not __fish_seen_subcommand_from accept-key help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c antre -n "__fish_antre_using_subcommand account; and __fish_seen_subcommand_from accept-key" -l fingerprint -d 'The key\'s fingerprint or its beginning, as `antre status` shows it; needed if several wait' -r
complete -c antre -n "__fish_antre_using_subcommand account; and __fish_seen_subcommand_from accept-key" -l by -d 'Your name. Without it: your user name and this machine\'s name' -r
complete -c antre -n "__fish_antre_using_subcommand account; and __fish_seen_subcommand_from accept-key" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand account; and __fish_seen_subcommand_from accept-key" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand account; and __fish_seen_subcommand_from accept-key" -l other-account -d 'The account becomes another one at Xendit, or changes its mode'
complete -c antre -n "__fish_antre_using_subcommand account; and __fish_seen_subcommand_from accept-key" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand account; and __fish_seen_subcommand_from help" -f -a "accept-key" -d 'Accept the key that a worker shows as this account\'s'
complete -c antre -n "__fish_antre_using_subcommand account; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c antre -n "__fish_antre_using_subcommand recheck" -l for -d 'For how long jobs that are submitted from now on begin with a look-up' -r
complete -c antre -n "__fish_antre_using_subcommand recheck" -l by -d 'Your name. Without it: your user name and this machine\'s name' -r
complete -c antre -n "__fish_antre_using_subcommand recheck" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand recheck" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand recheck" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand recheck" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand inbox; and not __fish_seen_subcommand_from move help" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand inbox; and not __fish_seen_subcommand_from move help" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand inbox; and not __fish_seen_subcommand_from move help" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand inbox; and not __fish_seen_subcommand_from move help" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand inbox; and not __fish_seen_subcommand_from move help" -f -a "move" -d 'Move all jobs of one inbox to another account\'s'
complete -c antre -n "__fish_antre_using_subcommand inbox; and not __fish_seen_subcommand_from move help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c antre -n "__fish_antre_using_subcommand inbox; and __fish_seen_subcommand_from move" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand inbox; and __fish_seen_subcommand_from move" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand inbox; and __fish_seen_subcommand_from move" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand inbox; and __fish_seen_subcommand_from move" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand inbox; and __fish_seen_subcommand_from help" -f -a "move" -d 'Move all jobs of one inbox to another account\'s'
complete -c antre -n "__fish_antre_using_subcommand inbox; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c antre -n "__fish_antre_using_subcommand check" -s a -l account -d 'The account. Without it: `default`; for status and check all accounts' -r
complete -c antre -n "__fish_antre_using_subcommand check" -s c -l config -d 'The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml' -r -F
complete -c antre -n "__fish_antre_using_subcommand check" -l redis-url -d 'The Redis to use instead of the configured one' -r
complete -c antre -n "__fish_antre_using_subcommand check" -l acl -d 'Print the lines of redis.conf for a worker\'s, a producer\'s and a reader\'s user, and ask nothing'
complete -c antre -n "__fish_antre_using_subcommand check" -s h -l help -d 'Print help'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "worker" -d 'Serve accounts: accept jobs, send requests, deliver links'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "serve" -d 'Answer over HTTP only: status, health, scaling, metrics. Sends nothing'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "gateway" -d 'Answer Xendit\'s own invoice calls from the queue. Sends nothing itself'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "enqueue" -d 'Put jobs into the queue from JSON Lines or CSV'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "status" -d 'Show waiting, running and dead jobs, and the reason if nothing is sent'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "job" -d 'Show everything about one job'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "dead" -d 'List, show, retry or discard dead jobs'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "cancel" -d 'Cancel jobs, if no request for them can have created an invoice'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "pause" -d 'Stop sending requests, until resumed or for some time'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "resume" -d 'Send requests again after a pause'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "account" -d 'Say that a worker\'s key belongs to an account'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "recheck" -d 'Look bills up at Xendit before creating: after a restored backup or an old replica'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "inbox" -d 'Move jobs out of the inbox of a mistyped account'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "check" -d 'Check configuration, Redis, keys and accounts, and list every fault'
complete -c antre -n "__fish_antre_using_subcommand help; and not __fish_seen_subcommand_from worker serve gateway enqueue status job dead cancel pause resume account recheck inbox check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c antre -n "__fish_antre_using_subcommand help; and __fish_seen_subcommand_from dead" -f -a "list" -d 'List dead jobs, the latest first'
complete -c antre -n "__fish_antre_using_subcommand help; and __fish_seen_subcommand_from dead" -f -a "show" -d 'Show one dead job'
complete -c antre -n "__fish_antre_using_subcommand help; and __fish_seen_subcommand_from dead" -f -a "retry" -d 'Give dead jobs their retries again'
complete -c antre -n "__fish_antre_using_subcommand help; and __fish_seen_subcommand_from dead" -f -a "discard" -d 'Remove dead jobs for good'
complete -c antre -n "__fish_antre_using_subcommand help; and __fish_seen_subcommand_from account" -f -a "accept-key" -d 'Accept the key that a worker shows as this account\'s'
complete -c antre -n "__fish_antre_using_subcommand help; and __fish_seen_subcommand_from inbox" -f -a "move" -d 'Move all jobs of one inbox to another account\'s'
