/** One `up` or `down` of an environment at a time on a machine, and who is at it. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { privateFolder, readIfThere, writeAtomically } from "../secrets/private-file.ts";
import { PersonError } from "../terminal/failure.ts";

const schema = z.object({
  pid: z.number().int(),
  /** When that process began, as the kernel counts; with it a reused process id is recognised. */
  born: z.string().optional(),
  command: z.string(),
  since: z.iso.datetime(),
  /** The Compose that runs for it; it outlives a holder that was killed. */
  compose: z.number().int().optional(),
});
type Holder = z.infer<typeof schema>;

export interface Lock {
  readonly release: () => void;
  /** Notes the Compose that runs, so that whoever takes over a dead holder's lock can end it first. */
  readonly note: (compose: number | undefined) => void;
}

/**
 * Takes the environment's lock. A lock whose holder no longer lives is taken over.
 * @throws PersonError that names the holder
 */
export function takeLock(stateFolder: string, command: string): Lock {
  privateFolder(stateFolder);
  const path = join(stateFolder, "lock");
  const mine: Holder = { pid: process.pid, born: bornAt(process.pid), command, since: new Date().toISOString() };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      if (linked(draft, path)) return { release: () => releaseLock(path), note: (compose) => writeAtomically(path, JSON.stringify({ ...mine, compose }), 0o600) };
      const text = readIfThere(path);
      if (text === undefined) continue;
      const holder = parse(text);
      if (holder !== undefined && alive(holder)) throw taken(holder, path);
      if (holder?.compose !== undefined) endCompose(holder.compose);
      removeStale(path, text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A link is made whole or not at all, so the lock never has half a content. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a dead holder's lock, and puts it back if somebody else took the lock in between. */
function removeStale(path: string, text: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readFileSync(aside, "utf8") !== text) linked(aside, path);
  rmSync(aside, { force: true });
}

/** Ends a Compose that a killed holder left behind, if the process of that id still is one. */
function endCompose(pid: number): void {
  if (!(readIfThere(`/proc/${pid}/cmdline`) ?? "").includes("compose")) return;
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It ended by itself in the meantime.
  }
}

function releaseLock(path: string): void {
  if (parse(readIfThere(path) ?? "")?.pid === process.pid) rmSync(path, { force: true });
}

function parse(text: string): Holder | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function alive({ pid, born }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Someone else's process lives, even though we may not signal it.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const now = bornAt(pid);
  return born === undefined || now === undefined || now === born;
}

/** Field 22 of /proc/<pid>/stat (proc(5)): start time in clock ticks since boot; undefined where there is no /proc. */
function bornAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function taken({ pid, command, since }: Holder, path: string): PersonError {
  return new PersonError(`\`${command}\` is at it already.`, {
    where: path,
    why: `Process ${pid} holds this environment's lock since ${since}.`,
    fix: `Wait until it is done, or end it with \`kill ${pid}\`.`,
  });
}
