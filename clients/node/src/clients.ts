// The two Redis clients this module can use, as far as it uses them. Neither is imported: the caller brings one.

/** Of node-redis (package `redis`), 4 or newer. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady?: boolean;
  sendCommand(command: string[]): Promise<unknown>;
  duplicate(overrides?: any): any;
  on(event: string, listener: (...values: any[]) => void): unknown;
  off(event: string, listener: (...values: any[]) => void): unknown;
}

/** Of ioredis, 5 or newer. */
export interface IoRedisClient {
  readonly status: string;
  call(command: string, ...rest: string[]): Promise<unknown>;
  duplicate(overrides?: any): any;
  on(event: string, listener: (...values: any[]) => void): unknown;
  off(event: string, listener: (...values: any[]) => void): unknown;
}

export type RedisClient = NodeRedisClient | IoRedisClient;
