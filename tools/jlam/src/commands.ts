/** The table of commands: a name, a sentence for `jlam --help`, and where its code is. Sorted as the help shows it. */
import type { Command } from "commander";

export interface CommandModule {
  /** Adds arguments, options, examples and the action to a command that has its name and summary. */
  register(command: Command): void;
}

export interface CommandEntry {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: "announce",
    summary: "let alerts wait for planned work, and end that",
    load: () => import("./commands/announce.ts"),
  },
  {
    name: "approve",
    summary: "sign for a release that somebody else wrote",
    load: () => import("./commands/approve.ts"),
  },
  {
    name: "backup",
    summary: "tell what is backed up; make, list, verify and prune recovery sets",
    load: () => import("./commands/backup.ts"),
  },
  {
    name: "check",
    summary: "check types and every rule of the model",
    load: () => import("./commands/check.ts"),
  },
  {
    name: "completion",
    summary: "print the completion script of your shell",
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "dashboard",
    summary: "show an environment of this machine in the browser: health, logs, alerts",
    load: () => import("./commands/dashboard.ts"),
  },
  {
    name: "databases",
    summary: "create and verify the roles of managed databases",
    load: () => import("./commands/databases.ts"),
  },
  {
    name: "deploy",
    summary: "bring a release to an environment's host, without losing a request",
    load: () => import("./commands/deploy.ts"),
  },
  {
    name: "diff",
    summary: "tell in words how two environments, or a revision and now, differ",
    load: () => import("./commands/diff.ts"),
  },
  {
    name: "doctor",
    summary: "look for what keeps this machine from running the platform",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "down",
    summary: "stop an environment; its data stays unless you say --volumes",
    load: () => import("./commands/down.ts"),
  },
  {
    name: "drill",
    summary: "bring an environment back on an empty machine, from the escrow kit alone",
    load: () => import("./commands/drill.ts"),
  },
  {
    name: "exec",
    summary: "run a program in a service's container",
    load: () => import("./commands/exec.ts"),
  },
  {
    name: "explain",
    summary: "tell which declaration, override or default put an emitted value there",
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "history",
    summary: "show what was released where, and whether the record can be believed",
    load: () => import("./commands/history.ts"),
  },
  {
    name: "images",
    summary: "build, list and lock the container images",
    load: () => import("./commands/images.ts"),
  },
  {
    name: "logs",
    summary: "read what the services wrote",
    load: () => import("./commands/logs.ts"),
  },
  {
    name: "monitoring",
    summary: "write the runbooks, and show what is known of every service",
    load: () => import("./commands/monitoring.ts"),
  },
  {
    name: "new",
    summary: "write a new service or stack to the pattern of those that are there",
    load: () => import("./commands/new.ts"),
  },
  {
    name: "promote",
    summary: "name what one environment proved as what the next is to have",
    load: () => import("./commands/promote.ts"),
  },
  {
    name: "psql",
    summary: "open a session in a database, read-only unless asked",
    load: () => import("./commands/psql.ts"),
  },
  {
    name: "release",
    summary: "build, look at and vouch for releases",
    load: () => import("./commands/release.ts"),
  },
  {
    name: "restore",
    summary: "bring the data of a set back, into its environment or another",
    load: () => import("./commands/restore.ts"),
  },
  {
    name: "rollback",
    summary: "return an environment to the release that served before",
    load: () => import("./commands/rollback.ts"),
  },
  {
    name: "secrets",
    summary: "set, rotate and check the secrets of an environment",
    load: () => import("./commands/secrets.ts"),
  },
  {
    name: "smoke",
    summary: "ask a running environment what its model promises",
    load: () => import("./commands/smoke.ts"),
  },
  {
    name: "status",
    summary: "show what runs, since when, and how it is",
    load: () => import("./commands/status.ts"),
  },
  {
    name: "synth",
    summary: "emit every environment's files from its declarations",
    load: () => import("./commands/synth.ts"),
  },
  {
    name: "test",
    summary: "run everything that a change must pass, the real stack included",
    load: () => import("./commands/test.ts"),
  },
  {
    name: "up",
    summary: "boot an environment and wait until it is healthy",
    load: () => import("./commands/up.ts"),
  },
];
