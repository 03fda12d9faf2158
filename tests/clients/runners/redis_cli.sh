# Performs the table of docs/languages/conformance.tsv with redis-cli and jq: sh redis_cli.sh TABLE
set -eu

cli() { redis-cli -u "$REDIS_URL" "$@" </dev/null; }
send() { cli XADD "antre:{$1}:inbox" NOMKSTREAM '*' "$2" "$3"; }

wait_for() {
    key="antre:{$ACCOUNT}:result:$1"
    text=$(cli BLMOVE "$key" "$key" LEFT LEFT "$2")
    printf '%s\n' "${text:-null}"
}

order() {
    id=$(send "$ACCOUNT" "$1" "$2")
    while answer=$(wait_for "$id" 30) && [ "$(printf '%s' "$answer" | jq '.resolving // 0')" != 0 ]; do sleep 0.1; done
    printf '%s\n' "$answer"
}

# Prints the ends of these jobs as one list. A stream has texts: error and warnings hold JSON, an empty one is null.
ended() {
    stream="antre:{$ACCOUNT}:ended"
    cli XGROUP CREATE "$stream" conformance 0 >/dev/null
    found='[]'
    while :; do
        read=$(cli --json XREADGROUP GROUP conformance runner BLOCK 30000 STREAMS "$stream" '>')
        found=$(printf '%s' "$read" | jq -c --argjson found "$found" '
            def decoded: . as $list
                | [range(0; length; 2) | {key: $list[.], value: $list[. + 1]}] | from_entries
                | map_values(if . == "" then null else . end)
                | .error |= fromjson | .warnings |= fromjson | .is_bill_result |= (. == "1");
            $found + [.[][][1] | decoded]')
        for entry in $(printf '%s' "$read" | jq -r '.[][][0]'); do cli XACK "$stream" conformance "$entry" >/dev/null; done
        ends=$(printf '%s' "$found" | jq -c '. as $found | $ARGS.positional | map(. as $job | $found[] | select(.job == $job))' \
            --args "$@")
        [ "$(printf '%s' "$ends" | jq length)" -lt "$#" ] || break
    done
    printf '%s\n' "$ends"
}

known=""
# shellcheck disable=SC2086  # the arguments of wait and ended are words
tail -n +2 "$1" | while IFS= read -r line; do
    cell() { printf '%s' "$line" | cut -f "$1"; }
    call=$(cell 2) account=$(cell 3) name=$(cell 4)
    argument=$(cell 5 | sed "$known")
    case $call in
    enqueue)
        [ "$account" != A ] || account=$ACCOUNT
        id=$(send "$account" job "$argument")
        known="$known s/<$name>/$id/g;"
        answer=null
        [ -z "$id" ] || answer="\"$id\""
        ;;
    cancel | retry) answer=$(order "$call" "$argument") ;;
    wait) answer=$(wait_for $argument) ;;
    ended) answer=$(ended $argument) ;;
    *) continue ;; # given: who starts this has done it
    esac
    printf '%s\t%s\n' "$name" "$answer"
done
