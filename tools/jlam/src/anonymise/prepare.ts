/** `jlam restore --anonymised`: a copy of a set without people, put into another environment or into a file. */
import { createWriteStream, existsSync } from "node:fs";
import { access, constants, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Manifest } from "@jlam/backup/manifest";
import { execa } from "execa";
import { instantInWords } from "../point-in-time/instant.ts";
import { replaceDatabase } from "../point-in-time/replace.ts";
import { bringBackFrom } from "../recovery/bring-back.ts";
import { rolesOnce } from "../recovery/database.ts";
import { answerOf, engineIn, setReader, wordsOf } from "../recovery/reader.ts";
import { destinationOf, environmentFiles, readPlanFile } from "../recovery/destination.ts";
import { privateKey } from "../recovery/restore.ts";
import { timedSteps, type DoneStep } from "../recovery/timed-steps.ts";
import { postgresImage } from "../recovery/verify-restored.ts";
import { runningContainer } from "../runtime/in-container.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { messageOf, PersonError } from "../terminal/failure.ts";
import { copied } from "./copied.ts";
import { anonymousCopy, type AnonymousCopy } from "./copy.ts";

export interface AnonymousOptions {
  readonly root: string;
  /** Id of the set; the newest usable one when undefined. */
  readonly set: string | undefined;
  readonly from: string;
  /** An environment that runs on this machine, or a file for one whose database is elsewhere. */
  readonly to: { readonly kind: "environment"; readonly name: string } | { readonly kind: "file"; readonly path: string };
  readonly only: readonly string[];
  readonly keyFile: string | undefined;
}

export interface PreparedCopy {
  readonly manifest: Manifest;
  /** One line for each database: what becomes of it. */
  readonly words: readonly string[];
  run(reporter: Reporter): Promise<{ readonly steps: readonly DoneStep[] }>;
}

/**
 * Says what a copy would hold and replace. Changes nothing.
 * @throws PersonError where nobody said what becomes of the columns, or where a copy would replace what it is a copy of
 */
export async function prepareCopy({ root, set, from, to, only, keyFile }: AnonymousOptions): Promise<PreparedCopy> {
  if (to.kind === "environment" && to.name === from) {
    throw new PersonError(`An anonymised copy of ${from} can't replace ${from}.`, { why: "Everybody in it would be gone.", fix: "Say where it goes: --into ENVIRONMENT.", exitCode: 2 });
  }
  const engine = await runningContainer(from, "backup");
  const reader = setReader(engineIn(engine), await privateKey(engine, keyFile));
  const manifest = await reader.manifest(set);
  const { wanted, left } = copied(await readPlanFile(environmentFiles(from, [engine], root)), manifest, only);
  if (to.kind === "file") await refuseFile(to.path);
  // Now, since a copy takes its time to be made.
  else for (const { saved } of wanted) await runningContainer(to.name, saved.id);
  if (to.kind === "file" && wanted.length > 1) throw new PersonError("One file holds one database.", { fix: "Say which: --database NAME.", exitCode: 2 });
  const image = await postgresImage(from, root);
  return {
    manifest,
    words: [
      ...wanted.map(({ saved }) => `${saved.id}: ${to.kind === "file" ? "" : "all that is there, for "}that of ${instantInWords(new Date(saved.snapshotAt))}, without a person in it`),
      ...left.map(({ id, because }) => `${id}: ${to.kind === "file" ? "isn't in it" : "stays as it is"}${because === undefined ? "" : `. ${because}`}`),
    ],
    run: async (reporter) => {
      const steps = timedSteps(reporter);
      const copies: { readonly id: string; readonly name: string; readonly copy: AnonymousCopy }[] = [];
      try {
        for (const { saved, rules } of wanted) {
          const copy = await steps.run(`Copy of ${saved.id} without people`, async () => {
            const value = await anonymousCopy({
              image, id: saved.id, name: saved.name, rules,
              fill: async (server) => {
                await server.sql("postgres", rolesOnce(await answerOf(reader.object(manifest.id, saved.id, "roles"), reader.key)));
                await server.feed(`${saved.id} can't be restored.`, reader.object(manifest.id, saved.id, "database"), reader.key, 'pg_restore --exit-on-error --dbname="$1"', [saved.name]);
              },
            });
            return { value, found: `${value.tables} tables looked through: no mail address, no BSN, nothing that lets somebody in` };
          });
          copies.push({ id: saved.id, name: saved.name, copy });
        }
        if (to.kind === "file") for (const { name, copy } of copies) await steps.run("File", () => writeDump(copy, name, to.path));
        else await bringInto(to.name);
        return { steps: steps.done };
      } finally {
        for (const { copy } of copies) await copy.server.close();
      }

      async function bringInto(into: string): Promise<void> {
        const destination = await destinationOf(into, root);
        const { project } = destination;
        const databases = copies.map(({ id, name, copy: { server } }) => ({ id, bring: async () => `${await replaceDatabase({ project, server, id, name })} tables` }));
        // Nobody of the copy is on any list.
        await bringBackFrom({ ...destination, steps }, { databases, volumes: [], erasures: async () => "" });
      }
    },
  };
}

/** @throws PersonError where something is there already, or nothing can be written */
async function refuseFile(path: string): Promise<void> {
  if (existsSync(path)) throw new PersonError("Something is there already; a copy replaces no file.", { where: path, fix: "Give a name that isn't taken: --dump FILE.", exitCode: 2 });
  await access(dirname(resolve(path)), constants.W_OK).catch((error: unknown) => {
    throw new PersonError("The copy can't be written there.", { where: path, why: messageOf(error), fix: "Give a folder that is there and that you may write to: --dump FILE.", exitCode: 2, cause: error });
  });
}

async function writeDump({ server }: AnonymousCopy, name: string, path: string): Promise<{ readonly value: undefined; readonly found: string }> {
  const dump = execa("docker", ["exec", server.id, "pg_dump", "--format=custom", `--dbname=${name}`], { encoding: "buffer", buffer: { stdout: false } });
  await Promise.all([dump, pipeline(dump.stdout, createWriteStream(path, { mode: 0o600, flags: "wx" }))]).catch(async (error: unknown) => {
    await rm(path, { force: true });
    throw new PersonError("The copy can't be written.", { where: path, why: error instanceof Error ? wordsOf(error) : String(error), fix: "What of it was there is removed again.", cause: error });
  });
  return { value: undefined, found: `${path}, for pg_restore --no-owner` };
}
