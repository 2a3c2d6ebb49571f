/** The plan as stack.ts emits it, the engine reads it, and a recovery goes by it. */
import { z } from "zod";

/** A program that is run in a service's container, or in a new one where the service is a job. */
const stepSchema = z.strictObject({ service: z.string(), command: z.array(z.string()).min(1) });

/** What becomes of a column: it stays, or nothing of what a person left in it does. */
const columnRuleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("keep"), because: z.string() }).readonly(),
  /** Another value, the same wherever the former one stood. */
  z.strictObject({ kind: z.literal("pseudonym") }).readonly(),
  /** By chance, between two numbers. */
  z.strictObject({ kind: z.literal("drawn"), from: z.number(), to: z.number(), decimals: z.number().int() }).readonly(),
  /** Earlier by some days, as many for all rows of the person in the column that is named. */
  z.strictObject({ kind: z.literal("shifted"), person: z.string() }).readonly(),
  /** Text, without mail addresses and longer numbers. */
  z.strictObject({ kind: z.literal("scrubbed") }).readonly(),
]);
export type ColumnRule = z.infer<typeof columnRuleSchema>;

const tableRuleSchema = z.union([z.strictObject({ emptied: z.string() }).readonly(), z.strictObject({ columns: z.record(z.string(), columnRuleSchema).readonly() }).readonly()]);
/** Tables by their names in the schema `public`. */
const anonymisedSchema = z.record(z.string(), tableRuleSchema).readonly();
export type AnonymisationRules = z.infer<typeof anonymisedSchema>;

export const planFileSchema = z.strictObject({
  environment: z.string(),
  /** Each named by the prefix of its connection's variables. */
  databases: z.array(z.strictObject({ id: z.string(), prefix: z.string() })),
  volumes: z.array(z.strictObject({ id: z.string(), volume: z.string(), path: z.string() })),
  applications: z.array(
    z.strictObject({
      database: z.string(),
      /** SQL of one row and one column that answers alike on an equal copy. */
      question: z.string(),
      /** SQL of one column: who was erased, a line each. */
      erasures: z.string(),
      /** Erases them again from a restored database; the job is first run as it is, so that the tables are there. */
      replay: stepSchema,
      /** Does what can be done only once services answer. */
      afterwards: stepSchema,
      /** How a copy for staging is made; left out where none may be. */
      anonymised: anonymisedSchema.optional(),
    }),
  ),
  /** Databases of which no copy leaves for staging, and why. */
  uncopied: z.array(z.strictObject({ database: z.string(), because: z.string() })).default([]),
  /** Databases whose changes are kept one by one, with what may be lost of them. */
  streams: z.array(z.strictObject({ database: z.string(), loseAtMostSeconds: z.number().positive(), keepSeconds: z.number().positive() })).default([]),
  /** Where visitors come in, and what must answer when all is back. */
  visits: z.strictObject({ address: z.string(), port: z.number(), hosts: z.array(z.strictObject({ host: z.string(), /** Services that answer there: where none of them runs, nobody does. */ services: z.array(z.string()) })) }),
  /** Path of the git bundle. */
  repository: z.string(),
  /** Path of what the machine has beside it, encrypted. */
  machine: z.string(),
  /** How long nobody can delete a set. */
  keepSeconds: z.number().positive(),
  /** The second region: how long nobody can delete a copy there, counted from when its set was begun. */
  copy: z.strictObject({ keepSeconds: z.number().positive() }).optional(),
  /** Hour of the day, UTC, of the daily set. */
  atHour: z.number().int().min(0).max(23),
  /** Most bytes per second that are sent; left out: as fast as the line goes. */
  bytesPerSecond: z.number().positive().optional(),
});
export type PlanFile = z.infer<typeof planFileSchema>;
