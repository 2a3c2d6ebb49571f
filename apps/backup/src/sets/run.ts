/** Makes one recovery set: everything of the plan, as it was at one moment, or nothing. */
import { stat } from "node:fs/promises";
import { readAnswer, readContent } from "../database/content.ts";
import { compress, dump, dumpRoles, programsOf, readFileWhole, writePasswordFile } from "../database/programs.ts";
import { takeSnapshot, type Snapshot } from "../database/session.ts";
import { openKeyring, type Keyring } from "../keys/keyring.ts";
import { startPipeline, type Program } from "../programs/pipeline.ts";
import type { Settings } from "../settings.ts";
import { planParts } from "../store/parts.ts";
import { abortOpenUploads, openStore, prepareBucket, writeOnce, type Store } from "../store/store.ts";
import { uploadPipeline } from "../store/upload.ts";
import type { Manifest, SetObject } from "./manifest.ts";
import { allObjects, manifestKey, objectsPrefix, setId } from "./names.ts";
import { keepErasures, readErasures } from "./erasures.ts";
import { requireMachine } from "./machine.ts";
import { revisionOf } from "./repository.ts";

/** What a run tells while it goes on. */
export type Progress =
  | { readonly step: "started"; readonly id: string }
  | { readonly step: "snapshots"; readonly databases: number }
  | { readonly step: "cleared"; readonly uploads: number }
  | { readonly step: "sending"; readonly key: string; readonly bytes: number; readonly bytesPerSecond: number; readonly estimatedBytes: number }
  | { readonly step: "sent"; readonly key: string; readonly bytes: number; readonly seconds: number }
  | { readonly step: "counted"; readonly database: string; readonly tables: number }
  | { readonly step: "committed"; readonly id: string; readonly seconds: number };

interface Run {
  readonly id: string;
  readonly settings: Settings;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly lockedUntil: Date;
  readonly onProgress: (progress: Progress) => void;
}

/** A repository bundle is far below this; an archive of a volume may grow to it. */
const fileEstimate = 2e9;

/**
 * Makes a set and returns its manifest. It exists if and only if this resolves.
 *
 * First come keys, snapshots, programs and the bucket, so that what can't work fails before anything is sent. All databases' snapshots
 * are taken at once and held to the end; they are also the lock against a second run.
 *
 * @throws AlreadyRunning while another run goes on
 * @throws BackupError for everything else; nothing of the set is then listed, and the next run clears away what is left
 */
export async function makeSet(settings: Settings, onProgress: (progress: Progress) => void): Promise<Manifest> {
  const startedAt = new Date();
  const id = setId(startedAt);
  const { databases, volumes, repository, machine } = settings.plan;
  const revision = await revisionOf(repository);
  await requireMachine(machine);
  const keyring = await openKeyring(settings.keys, startedAt);
  const store = openStore(settings.store);
  const snapshots: Snapshot[] = [];
  try {
    onProgress({ step: "started", id });
    for (const address of databases) snapshots.push(await takeSnapshot(address));
    onProgress({ step: "snapshots", databases: snapshots.length });
    for (const { major } of snapshots) await programsOf(major, settings.postgresPrograms);
    await prepareBucket(store);
    // Safe only with the lock, which the snapshots hold: another run's upload would be open too.
    onProgress({ step: "cleared", uploads: await abortOpenUploads(store, { below: allObjects, before: new Date() }) });
    const lockedUntil = new Date(startedAt.getTime() + settings.plan.keepSeconds * 1000);
    const run: Run = { id, settings, store, keyring, lockedUntil, onProgress };
    const objects: SetObject[] = [];
    const contents: Manifest["databases"] = [];
    for (const snapshot of snapshots) {
      // Before the dump: sequences are outside of snapshots, and so the dump's are as far as these or further.
      const content = await readContent(snapshot.client);
      const { address, version, major, takenAt } = snapshot;
      const question = settings.plan.applications.find(({ database }) => database === address.id)?.question;
      const answer = question === undefined ? null : await readAnswer(snapshot.client, question);
      contents.push({ id: address.id, name: address.name, server: version, major, snapshotAt: takenAt.toISOString(), content, answer });
      onProgress({ step: "counted", database: address.id, tables: content.tables.length });
      objects.push(...(await sendDatabase(run, snapshot)));
    }
    for (const { id: of, path } of volumes) {
      const archive: Program = { command: "tar", args: ["--create", "--file=-", "--sparse", "--numeric-owner", "--xattrs", `--directory=${path}`, "."] };
      objects.push(await send(run, { of, kind: "volume", name: `${of}.tar.zst.gpg`, programs: [archive, compress], estimate: fileEstimate }));
    }
    objects.push(await send(run, { of: "repository", kind: "repository", name: "repository.bundle.gpg", programs: [readFileWhole(repository)], estimate: (await stat(repository)).size }));
    // It was encrypted when it came.
    objects.push(await send(run, { of: "machine", kind: "machine", name: "machine.tar.gpg", programs: [readFileWhole(machine)], estimate: (await stat(machine)).size, encrypted: true }));
    for (const { database, erasures } of settings.plan.applications) {
      const snapshot = snapshots.find(({ address }) => address.id === database);
      const lines = snapshot === undefined ? [] : await readErasures(snapshot.client, erasures);
      if (lines.length > 0) await keepErasures(store, keyring, database, lines, startedAt, settings.plan.keepSeconds);
    }
    const manifest: Manifest = {
      version: 1,
      id,
      environment: settings.plan.environment,
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
      window: windowOf(snapshots, startedAt),
      lockedUntil: lockedUntil.toISOString(),
      revision,
      recipients: [...keyring.recipients],
      signer: keyring.signer,
      databases: contents,
      objects,
    };
    await writeOnce(store, manifestKey(id), await keyring.sign(`${JSON.stringify(manifest, null, 2)}\n`), lockedUntil);
    onProgress({ step: "committed", id, seconds: (Date.now() - startedAt.getTime()) / 1000 });
    return manifest;
  } finally {
    await Promise.all(snapshots.map((snapshot) => snapshot.close()));
    await keyring.close();
    store.client.destroy();
  }
}

async function sendDatabase(run: Run, { address, name, major, bytes }: Snapshot): Promise<readonly SetObject[]> {
  const bin = await programsOf(major, run.settings.postgresPrograms);
  const password = await writePasswordFile(address);
  try {
    const roles = await send(run, { of: address.id, kind: "roles", name: `${address.id}.roles.sql.zst.gpg`, programs: [dumpRoles(bin, address, password), compress], estimate: 0 });
    const database = await send(run, { of: address.id, kind: "database", name: `${address.id}.dump.zst.gpg`, programs: [dump(bin, address, password, name), compress], estimate: bytes });
    return [roles, database];
  } finally {
    await password.remove();
  }
}

interface Sending {
  readonly of: string;
  readonly kind: SetObject["kind"];
  readonly name: string;
  readonly programs: readonly [Program, ...Program[]];
  /** About how many bytes it will be; too many is better than too few. */
  readonly estimate: number;
  /** What the programs write is encrypted already. */
  readonly encrypted?: true;
}

async function send({ id, settings, store, keyring, lockedUntil, onProgress }: Run, { of, kind, name, programs, estimate, encrypted }: Sending): Promise<SetObject> {
  const key = `${objectsPrefix(id)}${name}`;
  const parts = planParts(estimate);
  const began = performance.now();
  const uploaded = await uploadPipeline(store, key, startPipeline(encrypted ? programs : [...programs, keyring.encryption]), {
    parts,
    lockedUntil,
    bytesPerSecond: settings.plan.bytesPerSecond,
    onSent: (bytes) => onProgress({ step: "sending", key, bytes, bytesPerSecond: Math.round(bytes / ((performance.now() - began) / 1000)), estimatedBytes: estimate }),
  });
  onProgress({ step: "sent", key, bytes: uploaded.bytes, seconds: (performance.now() - began) / 1000 });
  return { ...uploaded, of, kind };
}

function windowOf(snapshots: readonly Snapshot[], startedAt: Date): Manifest["window"] {
  const times = snapshots.map(({ takenAt }) => takenAt.getTime());
  const from = times.length === 0 ? startedAt.getTime() : Math.min(...times);
  const to = times.length === 0 ? startedAt.getTime() : Math.max(...times);
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
