// The Redis clients that are supported: the oldest and the newest version of both packages.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

function nodeRedis(name) {
  return async (path, options = {}) => {
    const { createClient } = require(name);
    const client = createClient({ ...options, socket: { path, ...options.socket } });
    client.on("error", () => undefined);
    await client.connect();
    return { client, close: async () => (client.destroy ? client.destroy() : client.disconnect()) };
  };
}

function ioRedis(name) {
  return async (path, options = {}) => {
    const { Redis, default: Default } = require(name);
    const client = new (Redis ?? Default)({ path, ...options });
    client.on("error", () => undefined);
    return { client, close: async () => client.disconnect() };
  };
}

export const CLIENTS = {
  "redis 4.0": nodeRedis("redis-oldest"),
  "redis 6": nodeRedis("redis"),
  "ioredis 5.0": ioRedis("ioredis-oldest"),
  "ioredis 6": ioRedis("ioredis"),
};
