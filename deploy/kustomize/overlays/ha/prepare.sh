#!/bin/sh
# Writes what Redis and Sentinel of this pod begin with. Both rewrite their files, so that after any restart each knows
# who was in charge last: that is kept. The rest is written anew, so that changed files and passwords count. Only the very
# first time it is pod 0 that is in charge.
set -eu

data=${DATA:-/data}
me=$(hostname).antre-redis
first=antre-redis-0.antre-redis

if [ -e "$data/redis.conf" ]; then
    role=$(sed -n '/^replicaof /p' "$data/redis.conf")
elif [ "$me" = "$first" ]; then
    role=
else
    role="replicaof $first 6379"
fi
{
    echo "include ${COMMON:-/etc/redis/common.conf}"
    echo "replica-announce-ip $me"
    echo "$role"
} >"$data/redis.conf.new"
mv "$data/redis.conf.new" "$data/redis.conf"

if [ -e "$data/sentinel.conf" ]; then
    grep -v '^sentinel auth-pass ' "$data/sentinel.conf" >"$data/sentinel.conf.new"
else
    {
        echo "port 26379"
        echo "dir /tmp"
        # Names stay when a pod gets another address.
        echo "sentinel resolve-hostnames yes"
        echo "sentinel announce-hostnames yes"
        echo "sentinel announce-ip $me"
        echo "sentinel monitor mymaster $first 6379 2"
        echo "sentinel down-after-milliseconds mymaster 5000"
        echo "sentinel failover-timeout mymaster 30000"
        echo "sentinel auth-user mymaster antre-sentinel"
    } >"$data/sentinel.conf.new"
fi
echo "sentinel auth-pass mymaster $SENTINEL_PASSWORD" >>"$data/sentinel.conf.new"
mv "$data/sentinel.conf.new" "$data/sentinel.conf"
