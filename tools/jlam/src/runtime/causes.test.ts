import { describe, expect, test } from "vitest";
import { likelyCause, type Evidence } from "./causes.ts";

const nothing: Evidence = {
  service: "web",
  environment: "ci",
  log: "",
  composeOutput: "",
  engineError: "",
  exitCode: 1,
  outOfMemory: false,
  unhealthy: false,
  healthOutput: "",
  volumes: [],
  memory: "256 MiB",
};

/** Texts as the programs themselves print them. */
const cases: readonly (readonly [seen: string, evidence: Partial<Evidence>, what: RegExp])[] = [
  ["a container that the kernel ended for memory", { outOfMemory: true, exitCode: 137 }, /more than the 256 MiB/],
  ["a kill without word of memory", { exitCode: 137 }, /was killed/],
  ["a port that another container has", { composeOutput: "driver failed programming external connectivity: Bind for 127.0.0.1:10443 failed: port is already allocated" }, /port/],
  ["a port that a program has", { engineError: "listen tcp4 127.0.0.1:10443: bind: address already in use" }, /port/],
  ["overlapping address ranges", { composeOutput: "failed to create network jlam-ci-x: Error response from daemon: Pool overlaps with other one on this address space" }, /address range/],
  ["an image that nobody gives", { composeOutput: "Error response from daemon: pull access denied for jlam/x, repository does not exist" }, /image/],
  ["a registry without an address", { composeOutput: 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host' }, /image/],
  ["PostgreSQL's refusal of a password", { log: 'FATAL:  password authentication failed for user "app_owner"' }, /older than the secrets/],
  ["the same by its code", { log: '{"err":{"code":"28P01"}}' }, /older than the secrets/],
  ["Redis's refusal of a password", { log: "WRONGPASS invalid username-password pair or user is disabled." }, /older than the secrets/],
  ["a write to the program's own files", { log: "mkdir: cannot create directory '/var/x': Read-only file system" }, /read-only/],
  ["a secret file that is closed", { log: "open /run/secrets/KEY: permission denied" }, /may not read its secret/],
  ["a secret file that isn't there", { log: "Error: ENOENT: no such file or directory, open '/run/secrets/KEY'" }, /secret file of it is missing/],
  ["a program that the image lacks", { engineError: 'exec: "redis-server": executable file not found in $PATH: unknown' }, /has not the program/],
  ["data of another user", { log: 'FATAL:  data directory "/var/lib/postgresql/data" has wrong ownership' }, /another user/],
  ["data of another version", { log: "FATAL:  database files are incompatible with server" }, /another version/],
  ["a full disk", { composeOutput: "write /var/lib/docker/tmp: no space left on device" }, /disk/],
  ["a health check with words", { exitCode: 0, unhealthy: true, healthOutput: "connect: connection refused" }, /connection refused/],
  ["a health check without words", { exitCode: 0, unhealthy: true }, /says nothing/],
];

describe("likelyCause", () => {
  for (const [seen, evidence, what] of cases) {
    test(`knows ${seen}`, () => {
      expect(likelyCause({ ...nothing, ...evidence })?.what).toMatch(what);
    });
  }

  test("claims nothing where no sign is known", () => {
    expect(likelyCause({ ...nothing, log: "TypeError: x is not a function" })).toBeUndefined();
  });
});
