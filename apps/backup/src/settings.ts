/** What the engine is told: its plan in a file, connections and keys as its environment variables say. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { DatabaseAddress } from "./database/session.ts";
import { BackupError, messageOf } from "./failure.ts";
import type { KeyFiles } from "./keys/keyring.ts";
import { planFileSchema, type PlanFile } from "./plan-file.ts";
import type { StoreSettings } from "./store/store.ts";

export interface Plan extends Omit<PlanFile, "databases"> {
  readonly databases: readonly DatabaseAddress[];
}

/** The second region. */
export interface CopySettings {
  readonly store: StoreSettings;
  /** How long nobody can delete a copy, counted from when its set was begun. */
  readonly keepSeconds: number;
}

export interface Settings {
  readonly plan: Plan;
  readonly store: StoreSettings;
  /** Undefined where there is none. */
  readonly copy: CopySettings | undefined;
  readonly keys: KeyFiles;
  /** Folder with a folder of PostgreSQL's programs for each major version. */
  readonly postgresPrograms: string;
  readonly httpPort: number;
}

/** A store that is silent for this long isn't coming back; Scaleway answers in well under a second. */
const storeTimeout = 30_000;

/** What reading sets needs: the store, and the key by which manifests are recognised. */
export interface ReaderSettings {
  readonly store: StoreSettings;
  /** The second region's; undefined where there is none. */
  readonly copy: StoreSettings | undefined;
  /** The signing key, of which the public half is enough. */
  readonly signing: string;
  readonly postgresPrograms: string;
}

/** What pruning needs: logins that delete and read no set, and the public half of the key that signs markers. */
export interface PrunerSettings {
  readonly store: StoreSettings;
  readonly copy: CopySettings | undefined;
  readonly signer: string;
  readonly streams: PlanFile["streams"];
  readonly keepSeconds: number;
  readonly atHour: number;
  readonly httpPort: number;
}

/** Variables by name; those that are missing are collected, to be told all at once. */
function taking(environment: NodeJS.ProcessEnv) {
  const missing: string[] = [];
  return {
    take: (name: string): string => {
      const value = environment[name];
      if (value === undefined || value === "") missing.push(name);
      return value ?? "";
    },
    /** @throws BackupError that names every variable that is missing */
    refuseMissing: (): void => {
      if (missing.length > 0) throw new BackupError(`The settings lack ${missing.join(", ")}.`, { fix: "Give them as apps/backup/stack.ts does." });
    },
  };
}

/**
 * Reads and checks all of it.
 * @throws BackupError that names every variable or field that is missing or wrong
 */
export async function readSettings(environment: NodeJS.ProcessEnv): Promise<Settings> {
  const { take, refuseMissing } = taking(environment);
  const plan = await readPlan(take("PLAN_FILE"));
  const databases = plan.databases.map(({ id, prefix }): DatabaseAddress => ({
    id,
    host: take(`${prefix}_HOST`),
    port: Number(take(`${prefix}_PORT`)),
    name: take(`${prefix}_NAME`),
    user: take(`${prefix}_USER`),
    passwordFile: take(`${prefix}_PASSWORD_FILE`),
    authorityFile: environment[`${prefix}_CA_FILE`],
  }));
  const keys = { operations: take("OPERATIONS_KEY_FILE"), escrow: take("ESCROW_KEY_FILE"), signing: take("SIGNING_KEY_FILE") };
  refuseMissing();
  const { store, copy, postgresPrograms } = await readReaderSettings(environment);
  return { plan: { ...plan, databases }, keys, store, copy: copyOf(plan, copy), postgresPrograms, httpPort: httpPortOf(environment) };
}

/** @throws BackupError that names every variable or field that is missing or wrong */
export async function readPrunerSettings(environment: NodeJS.ProcessEnv): Promise<PrunerSettings> {
  const plan = await readPlan(environment["PLAN_FILE"] ?? "");
  const { store, copy, signing } = await readReaderSettings(environment);
  return { store, copy: copyOf(plan, copy), signer: signing, streams: plan.streams, keepSeconds: plan.keepSeconds, atHour: plan.atHour, httpPort: httpPortOf(environment) };
}

const httpPortOf = (environment: NodeJS.ProcessEnv): number => Number(environment["HTTP_PORT"] ?? 8080);

/** @throws BackupError for a plan that wants copies where no store is given for them */
function copyOf({ copy }: Pick<PlanFile, "copy">, store: StoreSettings | undefined): CopySettings | undefined {
  if (copy === undefined) return undefined;
  if (store === undefined) throw new BackupError("The plan has a second region, and the settings lack COPY_URL.", { fix: "Give them as apps/backup/stack.ts does." });
  return { store, keepSeconds: copy.keepSeconds };
}

/** @throws BackupError that names every variable that is missing, or a file that can't be read */
export async function readReaderSettings(environment: NodeJS.ProcessEnv): Promise<ReaderSettings> {
  const { take, refuseMissing } = taking(environment);
  const store = storeVariables("STORE", take);
  const copy = environment["COPY_URL"] === undefined ? undefined : storeVariables("COPY", take);
  const signing = take("SIGNING_KEY_FILE");
  refuseMissing();
  const timeout = Number(environment["STORE_TIMEOUT_MS"] ?? storeTimeout);
  return {
    store: await storeSettings(store, timeout),
    copy: copy && (await storeSettings(copy, timeout)),
    signing,
    postgresPrograms: environment["POSTGRES_PROGRAMS"] ?? "/usr/lib/postgresql",
  };
}

/** As a connection of this name gives them. */
const storeVariables = (prefix: "STORE" | "COPY", take: (name: string) => string) => ({
  url: take(`${prefix}_URL`),
  bucket: take(`${prefix}_BUCKET`),
  region: take(`${prefix}_REGION`),
  accessKey: take(`${prefix}_ACCESS_KEY`),
  secretKeyFile: take(`${prefix}_PASSWORD_FILE`),
});

async function storeSettings({ secretKeyFile, ...store }: ReturnType<typeof storeVariables>, timeout: number): Promise<StoreSettings> {
  const secretKey = await readFile(secretKeyFile, "utf8").catch((error: unknown) => {
    throw new BackupError(`The key of the store at ${store.url} can't be read: ${messageOf(error)}.`, { fix: "Look at STORE_PASSWORD_FILE and COPY_PASSWORD_FILE.", cause: error });
  });
  return { ...store, secretKey: secretKey.trim(), timeout };
}

async function readPlan(path: string): Promise<PlanFile> {
  try {
    return planFileSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new BackupError(`The plan in ${path === "" ? "PLAN_FILE" : path} can't be used: ${why}`, { fix: "Run `jlam synth`, which writes it.", cause: error });
  }
}
