/** An environment whose secrets are encrypted, in a repository of its own: for tests. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, generated, image, localAuthority, notBackedUp, postgres, provided, replaceableImages, resolveEnvironment, sealedSecrets, service, stack, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { managedPostgres } from "@jlam/postgres";
import { onTestFinished } from "vitest";
import type { Target } from "./change.ts";
import { readSealed } from "./sealed/file.ts";
import { createIdentity } from "./sealed/identity.ts";
import { recipientRoles, writeRecipients, type Recipient } from "./sealed/recipients.ts";

const common = { owner: "tests", image: image("x", "example.org/x:1"), resources: { memory: "64M", cpus: 0.5 } } as const;
const database = postgres("app", { owner: "tests", holds: "medical-data", backup: notBackedUp("a test") });

const one = service("one", {
  ...common,
  connects: { database },
  secrets: { KEY: generated({ bytes: 32 }), NEIGHBOUR: generated({ bytes: 32, maxAgeDays: 90 }), TOKEN: provided("token of a friend") },
});
const two = service("two", { ...common, secrets: { OWN: generated({ bytes: 16 }) } });

export interface Trial {
  readonly root: string;
  /** File of an identity that is a recipient. */
  readonly identity: string;
  readonly recipients: readonly Recipient[];
  readonly now: Date;
  /** The environment as it is declared with its file as it is now. */
  readonly environment: () => ResolvedEnvironment;
  readonly target: (changes?: Partial<Target>) => Target;
}

export const trialValue = "the-token-of-a-friend-4711";

/** A repository with recipients of all roles and no values. It is gone when the test is. */
export async function trial(): Promise<Trial> {
  const root = mkdtempSync(join(tmpdir(), "jlam-sealed-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "environments", "trial"), { recursive: true });
  const identity = join(root, "identity");
  const recipients: Recipient[] = [];
  for (const role of recipientRoles) recipients.push({ role, name: `the ${role}`, recipient: await createIdentity(role === "administrator" ? identity : join(root, `identity-of-${role}`)) });
  writeRecipients(root, "trial", recipients);
  const now = new Date("2026-11-22T08:00:00.000Z");
  const resolved = (): ResolvedEnvironment => trialEnvironment(root);
  return { root, identity, recipients, now, environment: resolved, target: (changes) => ({ environment: resolved(), root, now, dryRun: false, ...changes }) };
}


const trialEnvironment = (root: string): ResolvedEnvironment =>
  resolveEnvironment(
    environment("trial", {
      domain: "trial.localhost",
      host: { memory: "1G", cpus: 1 },
      range: "10.208.0.0/12",
      publishing: { address: "127.0.0.1", http: 8080, https: 8443 },
      stacks: [stack("all", { services: [one, two] })],
      provides: [managedPostgres(database, { host: "db.example.org", tls: "verify-full" })],
      certificates: localAuthority(),
      images: replaceableImages,
      secrets: sealedSecrets({ secrets: readSealed(root, "trial") }),
    }),
  );
