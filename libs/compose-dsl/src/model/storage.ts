import type { BackupDecision, DataClass } from "./data.ts";
import { originOf, type Origin } from "./origin.ts";

/** A named volume: what it holds and what saves it are part of its name's meaning, so both are required. */
export interface Volume {
  readonly kind: "volume";
  readonly name: string;
  readonly holds: DataClass;
  readonly backup: BackupDecision;
  /** This mount of it can't change anything. */
  readonly readOnly?: true;
  readonly at: Origin;
}

/** A path of the host, read-only unless `writable`; every one needs a reason. */
export interface HostPath {
  readonly kind: "host-path";
  readonly path: string;
  readonly because: string;
  readonly writable: boolean;
  readonly at: Origin;
}

/** A file that synth writes beside the Compose file and the container reads. */
export interface ConfigFile {
  readonly kind: "config-file";
  readonly content: FileContent;
}

/** A directory of such files, mounted whole, so that files can come and go while the container runs. */
export interface ConfigDirectory {
  readonly kind: "config-directory";
  readonly files: Readonly<Record<string, FileContent>>;
}

export type FileContent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "yaml"; readonly document: unknown }
  | { readonly kind: "json"; readonly document: unknown }
  | { readonly kind: "deferred"; readonly from: unknown; readonly text: () => string };

export type Mount = Volume | HostPath | ConfigFile | ConfigDirectory;

export function volume(name: string, options: { readonly holds: DataClass; readonly backup: BackupDecision }): Volume {
  return Object.freeze({ kind: "volume", name, ...options, at: originOf(volume) });
}

/** The same volume, mounted by somebody who only reads it. */
export const readOnly = (mounted: Volume): Volume => Object.freeze({ ...mounted, readOnly: true });

export function hostPath(path: `/${string}`, options: { readonly because: string; readonly writable?: boolean }): HostPath {
  return Object.freeze({ kind: "host-path", path, because: options.because, writable: options.writable ?? false, at: originOf(hostPath) });
}

const configFile = (content: FileContent): ConfigFile => Object.freeze({ kind: "config-file", content });
export const text = (content: string): ConfigFile => configFile({ kind: "text", text: content });
export const yaml = (document: unknown): ConfigFile => configFile({ kind: "yaml", document });
export const json = (document: unknown): ConfigFile => configFile({ kind: "json", document });

/**
 * A file whose text takes long to work out: done once, when somebody needs it. `from` is plain data, everything that the
 * text depends on; by it alone one is told from another while stacks settle.
 */
export function deferred(from: unknown, text: () => string): ConfigFile {
  let known: string | undefined;
  return configFile({ kind: "deferred", from, text: () => (known ??= text()) });
}

/** A directory that the container may watch: `directory({ "tls.yaml": yaml({…}) })`. */
export const directory = (files: Readonly<Record<string, ConfigFile>>): ConfigDirectory =>
  Object.freeze({
    kind: "config-directory",
    files: Object.fromEntries(Object.entries(files).map(([name, { content }]) => [name, content])),
  });
