import type { Logger } from "pino";
import type { z } from "zod";

import type { SessionsClient } from "./sessions/connection.ts";
import { withTimeLimit } from "./time-limit.ts";

/** Longest time to wait for Redis, in milliseconds: asking the database again costs less than waiting longer. */
const COMMAND_LIMIT = 250;

/** One value that all processes share. It must tell nothing about a person: anybody's request may put it there. */
export interface SharedValue<T> {
  /** What it is called in Redis. */
  readonly name: string;
  /** What is taken from Redis; anything else counts as not there, such as what another release wrote. */
  readonly schema: z.ZodType<T>;
  /** How long it is used, in seconds. */
  readonly life: number;
  readonly read: () => Promise<T>;
}

/**
 * A value that is read once in its life for all processes together, and kept in Redis meanwhile. When Redis doesn't
 * answer, or holds nothing that can be used, it is read anew.
 */
export function createSharedValue<T>(client: SessionsClient, { name, schema, life, read }: SharedValue<T>, logger: Logger): () => Promise<T> {
  const place = `cache:${name}`;
  const limited = <R>(command: () => Promise<R>): Promise<R | undefined> =>
    withTimeLimit(COMMAND_LIMIT, command).catch((error: unknown) => {
      logger.warn({ err: error, value: name }, "a shared value can't be kept in Redis; it is read from its source");
      return undefined;
    });
  const parse = (text: string): T | undefined => {
    try {
      return schema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  };

  return async () => {
    const kept = await limited(() => client.get(place));
    const known = typeof kept === "string" ? parse(kept) : undefined;
    if (known !== undefined) return known;
    const value = await read();
    await limited(() => client.set(place, JSON.stringify(value), { expiration: { type: "EX", value: life } }));
    return value;
  };
}
