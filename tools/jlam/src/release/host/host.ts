/**
 * A host as the release machine sees it: a place that keeps releases, runs two colours of a service, and has a proxy
 * that can be switched. Nothing here says how: by SSH and Compose today, by another orchestrator later.
 */
import type { Colour } from "@jlam/compose-dsl";

/** Who holds the lock, and what for. */
export interface Holder {
  readonly who: string;
  readonly purpose: string;
}

/** The lock is somebody else's. Nothing was done. */
export class LockTaken extends Error {
  override readonly name = "LockTaken";
  readonly holder: string;
  /** When the lease ends if its holder is dead; undefined where that isn't known. */
  readonly until: Date | undefined;

  constructor(holder: string, until?: Date) {
    super(holder);
    this.holder = holder;
    this.until = until;
  }
}

/** The host did not do what it was told, in its own words. */
export class HostFailure extends Error {
  override readonly name = "HostFailure";
  readonly cause_: "unreachable" | "refused" | "busy" | "disk-full" | "too-slow";

  constructor(message: string, cause: HostFailure["cause_"]) {
    super(message);
    this.cause_ = cause;
  }
}

/** How one copy of a service is. */
export interface Copy {
  /** As it is started: `web-green`, `redis-sessions`. */
  readonly name: string;
  readonly status: "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
  readonly health: "none" | "starting" | "healthy" | "unhealthy";
  readonly exitCode: number;
  /** The kernel ended it because it used more memory than it may. */
  readonly outOfMemory: boolean;
  readonly restarts: number;
  readonly image: string;
  /** Its addresses by network; empty while it doesn't run. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** What is there, at one moment. */
export interface HostFacts {
  /** Seconds since 1970 by the host's own clock. */
  readonly clock: number;
  /** Bytes that are free where releases are kept, and where images are. */
  readonly free: { readonly releases: number; readonly images: number };
  /** As `uname -m` says it. */
  readonly architecture: string;
  readonly releases: ReadonlySet<string>;
  /** The release that each colour was last started from. */
  readonly colours: Readonly<Partial<Record<Colour, string>>>;
  /** By what each service would be recognised as unchanged, as it was started. */
  readonly definitions: ReadonlyMap<string, string>;
  /** SHA-256 of each configuration file in use, by its emitted path. */
  readonly files: ReadonlyMap<string, string>;
  readonly copies: readonly Copy[];
}

/** What the deployer asks the proxy or a copy over HTTP, from where only the host itself is answered. */
export interface Question {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Over TLS, for this host name; its certificate is checked by whoever visits, not here. */
  readonly serverName?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A way to an address of the host, open until it is closed. */
export interface Door {
  readonly host: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** A release as it is brought to a host. */
export interface Luggage {
  /** Name of its folder there. */
  readonly folder: string;
  /** Image by the variable that the Compose files read. */
  readonly variables: Readonly<Record<string, string>>;
  /** Every image that it runs, so that none is pruned. */
  readonly images: readonly string[];
  /** By path; modes are the host's business. */
  readonly files: ReadonlyMap<string, string>;
  /** By `service/FILE`. */
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * A connection to a host. Whatever changes something needs the lock's token, and throws LockTaken where the lock has
 * gone to somebody else; everything throws HostFailure where the host can't or doesn't.
 */
export interface Host {
  readonly name: string;

  /** Takes the lock for `lease` milliseconds; returns its token. @throws LockTaken */
  claim(lease: number, holder: Holder): Promise<number>;
  renew(token: number, lease: number): Promise<void>;
  free(token: number): Promise<void>;

  facts(): Promise<HostFacts>;
  /** The copies alone, which is quicker. */
  copies(): Promise<readonly Copy[]>;
  /** The journal, as it is. */
  journal(): Promise<string>;
  /** Adds to a journal of `size` bytes, or throws: whole lines or nothing. */
  append(token: number, size: number, lines: string): Promise<void>;
  /** Takes away a last line that a crash left without its end. */
  mendJournal(token: number): Promise<void>;

  /** Puts a release on the host, whole or not at all. */
  upload(token: number, luggage: Luggage): Promise<void>;
  /** A file of a release that is there. */
  read(release: string, path: string): Promise<string>;
  /** Gets images by digest, those that aren't there. */
  pull(token: number, references: readonly string[]): Promise<void>;
  /** Those of the images that are there. */
  present(references: readonly string[]): Promise<ReadonlySet<string>>;

  /** By what each service of a release would be recognised as unchanged. */
  definitions(release: string): Promise<ReadonlyMap<string, string>>;
  /**
   * Brings configuration and secrets of services that stay to those of a release, but never the files `switched`.
   * Returns the services whose secrets changed.
   */
  configure(token: number, release: string, switched: readonly string[]): Promise<readonly string[]>;
  /**
   * Starts services of a release, or makes them anew where they differ, without waiting. `anew`: also where they don't;
   * `colour`: which one they are of, so that it is known by which release that was started last.
   */
  start(token: number, release: string, services: readonly string[], options?: { readonly anew?: boolean; readonly colour?: Colour }): Promise<void>;
  /** Runs a one-shot of a release to its end, with another command where one is given. @throws HostFailure with its last words where it fails */
  runJob(token: number, release: string, job: string, options: { readonly command?: readonly string[]; readonly timeout: number }): Promise<void>;
  /**
   * Runs a program beside the one of a service's running copy, for at most `timeout` milliseconds; returns what it wrote.
   * Others may act on the host meanwhile. @throws HostFailure with its words where it fails, "busy" where it asks to be tried again later
   */
  runIn(token: number, service: string, command: readonly string[], options: { readonly timeout: number }): Promise<string>;
  /** Puts a file of a release at an emitted path that the proxy watches, at once: a switch, or a preview. */
  place(token: number, release: string, path: string, watched: string): Promise<void>;
  signal(token: number, signal: string, services: readonly string[]): Promise<void>;
  stop(token: number, services: readonly string[]): Promise<void>;
  remove(token: number, services: readonly string[]): Promise<void>;
  /** Removes releases but these, and images that nothing kept needs. */
  prune(token: number, kept: readonly string[]): Promise<void>;
  /** The last that a service wrote. */
  lastWords(service: string): Promise<string>;

  ask(question: Question): Promise<Answer>;
  /** An address of this machine that leads to one of the host's. */
  door(address: string, port: number): Promise<Door>;
  close(): Promise<void>;
}
