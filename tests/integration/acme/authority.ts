/** Pebble, a real ACME server, with the DNS that it asks, and what its people may do to both. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { join } from "node:path";
import { Agent, request } from "undici";
import { issueAuthority, issueServer } from "../../../tools/jlam/src/certificates/issue.ts";
import { compose, type Project } from "../../../tools/jlam/src/runtime/project.ts";
import { until } from "../stack/until.ts";
import { domain } from "./environment.ts";

/** Name under which Traefik reaches Pebble; its own certificate is for that. */
const pebble = "pebble";
const managementPort = 11150;
const dnsManagement = "http://127.0.0.1:11155";

/** What the other side must know before anything runs. */
export interface AuthorityFiles {
  readonly directory: string;
  /** PEM certificate of the authority by which Pebble's own https is served. */
  readonly certificate: string;
  /** Of the user `traefik` at the DNS provider. */
  readonly password: string;
}

/** Writes what Pebble and the DNS provider read into a folder that their user may enter and only ours may reach. */
export async function authorityFiles(parent: string): Promise<AuthorityFiles> {
  const now = new Date();
  const authority = await issueAuthority(pebble, now);
  const server = await issueServer(authority, pebble, now);
  const password = `p${randomBytes(24).toString("base64url")}`;
  const directory = join(parent, "authority");
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  mkdirSync(directory, { mode: 0o755 });
  for (const [name, content] of [["certificate.pem", server.certificate], ["key.pem", server.key], ["password", password]] as const) {
    writeFileSync(join(directory, name), content, { mode: 0o444 });
  }
  return { directory, certificate: authority.certificate, password };
}

/** Names of the test lead to this machine. */
export const toLoopback: LookupFunction = (_, options, done) => (options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4));

export interface Authority {
  /** PEM certificate that Pebble's certificates lead to; it makes another at every start. */
  readonly root: string;
  /** How many certificates it has issued. */
  issued(): Promise<number>;
  /** Whether the DNS answers when it is asked for the challenge's record. */
  answerChallenge(answers: boolean): Promise<void>;
}

/** Starts it on the network of Traefik, which must be there, and waits until it answers. */
export async function startAuthority(files: AuthorityFiles, images: Readonly<Record<string, string>>): Promise<Authority> {
  const project: Project = {
    environment: "acme-test",
    name: "jlam-acme-test-authority",
    files: [join(import.meta.dirname, "authority.yaml")],
    variables: { ...images, AUTHORITY_FILES: files.directory },
    profiles: [],
  };
  const started = await compose(project, ["up", "--detach"], 60_000);
  if (started.failed) throw new Error(`The authority did not start:\n${started.all}`);
  const agent = new Agent({ connect: { ca: files.certificate, lookup: toLoopback } });
  const askRoot = async () => {
    const { statusCode, body } = await request(`https://${pebble}:${managementPort}/roots/0`, { dispatcher: agent });
    return { statusCode, pem: await body.text() };
  };
  const { answer: { pem: root } } = await until(askRoot, ({ statusCode }) => statusCode === 200, 30_000);
  await agent.close();
  const changeDns = async (path: string): Promise<void> => {
    const { statusCode } = await request(`${dnsManagement}/${path}`, { method: "POST", body: JSON.stringify({ host: `_acme-challenge.${domain}.` }) });
    if (statusCode !== 200) throw new Error(`challtestsrv answered ${statusCode} to ${path}`);
  };
  return {
    root,
    issued: async () => (await compose(project, ["logs", "--no-color", pebble], 30_000)).stdout.match(/Issued certificate serial/g)?.length ?? 0,
    answerChallenge: (answers) => changeDns(answers ? "clear-servfail" : "set-servfail"),
  };
}
