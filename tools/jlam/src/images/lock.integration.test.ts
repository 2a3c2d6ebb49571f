/** Locks images of a real registry (Debian's docker-registry) on 127.0.0.1, over HTTP as Docker has it there. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, createPrivateKey, sign, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ensureEngine } from "../machine/engine.ts";
import { ensureTool } from "../machine/packages.ts";
import { readLock, writeLock } from "./lock.ts";
import { pushImages } from "./push.ts";
import { registryAnswers, resolveDigest } from "./registry.ts";

const folder = mkdtempSync(join(tmpdir(), "jlam-registry-"));
const servers: ChildProcess[] = [];
let registry = "";
/** Digest that Docker itself says the pushed image has. */
let pushed = "";

beforeAll(async () => {
  await ensureEngine({ yes: true, say: () => undefined });
  await ensureTool("docker-registry", ["docker-registry"], () => undefined);
  registry = `127.0.0.1:${await freePort()}`;
  await startRegistry(registry, {});

  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
  await execa("docker", ["buildx", "build", "--provenance=false", "--load", "--tag", `${registry}/small:1`, folder]);
  await execa("docker", ["push", `${registry}/small:1`]);
  const { stdout } = await execa("docker", ["image", "inspect", "--format", "{{index .RepoDigests 0}}", `${registry}/small:1`]);
  pushed = stdout.split("@")[1] ?? "";
  await execa("docker", ["image", "rm", `${registry}/small:1`]);
});

afterAll(() => {
  for (const server of servers) server.kill();
  rmSync(folder, { recursive: true });
});

describe("resolveDigest", () => {
  test("resolves the digest that Docker has for the image", async () => {
    expect(pushed).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await resolveDigest(`${registry}/small:1`)).toBe(pushed);
  });

  test("resolves an image of several platforms to its index, not to one platform", async () => {
    const manifest = await fetch(`http://${registry}/v2/small/manifests/${pushed}`, {
      headers: { accept: "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json" },
    });
    const entry = { mediaType: manifest.headers.get("content-type"), digest: pushed, size: (await manifest.bytes()).length };
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: ["amd64", "arm64"].map((architecture) => ({ ...entry, platform: { os: "linux", architecture } })),
    });
    const put = await fetch(`http://${registry}/v2/small/manifests/many`, {
      method: "PUT",
      headers: { "content-type": "application/vnd.oci.image.index.v1+json" },
      body: index,
    });
    expect(put.status).toBe(201);
    expect(await resolveDigest(`${registry}/small:many`)).toBe(`sha256:${createHash("sha256").update(index).digest("hex")}`);
  });

  test("says what is missing for a tag that the registry doesn't know", async () => {
    await expect(resolveDigest(`${registry}/small:2`)).rejects.toThrow(`${registry} has no small:2`);
  });
});

describe("a registry that wants a token even for public images, as Docker Hub does", () => {
  test("gives the digest for the token that its token server grants", async () => {
    const { closed, asked } = await closedRegistry({ grants: true });
    expect((await fetch(`http://${closed}/v2/small/manifests/1`)).status).toBe(401);
    expect(await resolveDigest(`${closed}/small:1`)).toBe(pushed);
    expect(asked).toEqual(["service=test-registry&scope=repository%3Asmall%3Apull"]);
  });

  test("is named when its token server grants nothing", async () => {
    const { closed } = await closedRegistry({ grants: false });
    await expect(resolveDigest(`${closed}/small:1`)).rejects.toThrow(/gave no token for small: 403/);
  });
});

describe("registryAnswers", () => {
  test("is false for a port where nothing listens", async () => {
    expect(await registryAnswers(`127.0.0.1:${await freePort()}`)).toBe(false);
  });

  test("is false, in time, for a registry that accepts and stays silent", async () => {
    const silent = createServer(() => undefined);
    onTestFinished(() => void silent.close());
    const port = await listen(silent);
    const start = performance.now();
    expect(await registryAnswers(`127.0.0.1:${port}`, 300)).toBe(false);
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test("is false for a network's login page, which answers everything", async () => {
    const page = createHttpServer((_, answer) => answer.end("<html>Welcome, please sign in</html>"));
    onTestFinished(() => void page.close());
    expect(await registryAnswers(`127.0.0.1:${await listen(page)}`)).toBe(false);
  });
});

describe("writeLock", () => {
  const lockPath = () => join(mkdtempSync(join(folder, "lock-")), "images.lock.json");

  test("writes the digests by reference, and says what changed", async () => {
    const path = lockPath();
    const changes = await writeLock(path, [`${registry}/small:1`]);
    expect(changes).toEqual([{ reference: `${registry}/small:1`, before: undefined, after: pushed }]);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ [`${registry}/small:1`]: pushed });
  });

  test("writes the same bytes in whatever order images are named, and changes nothing the second time", async () => {
    const path = lockPath();
    const references = [`${registry}/small:1`, `${registry}/small:many`];
    await writeLock(path, references);
    const first = readFileSync(path, "utf8");
    expect(await writeLock(path, references.toReversed())).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe(first);
  });

  test("forgets an image that is no longer named", async () => {
    const path = lockPath();
    await writeLock(path, [`${registry}/small:1`, `${registry}/small:many`]);
    await writeLock(path, [`${registry}/small:1`]);
    expect(Object.keys(await readLock(path))).toEqual([`${registry}/small:1`]);
  });

  test("writes nothing when one image has an unknown tag, and names it", async () => {
    const path = lockPath();
    const locking = writeLock(path, [`${registry}/small:1`, `${registry}/small:2`]);
    await expect(locking).rejects.toMatchObject({ why: `${registry}/small:2: ${registry} has no small:2` });
    expect(existsSync(path)).toBe(false);
  });

  test("keeps the lock as it was when a registry can't be reached, and names the image", async () => {
    const path = lockPath();
    await writeLock(path, [`${registry}/small:1`]);
    const before = readFileSync(path, "utf8");
    const nowhere = `127.0.0.1:${await freePort()}/small:1`;
    await expect(writeLock(path, [`${registry}/small:1`, nowhere])).rejects.toMatchObject({
      why: expect.stringContaining(`${nowhere}: `),
    });
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});

describe("pushImages", () => {
  const options = (root: string) => ({ root, attest: false, report: () => undefined });
  const application = (dockerfile: string): string => {
    const root = mkdtempSync(join(folder, "application-"));
    mkdirSync(join(root, "apps/small"), { recursive: true });
    writeFileSync(join(root, "apps/small/Dockerfile"), dockerfile);
    return root;
  };

  test("tells the digest under which the registry has what was built from the given base", async () => {
    const reference = `${registry}/own:release`;
    const root = application("ARG NODE_IMAGE\nFROM ${NODE_IMAGE}\nCOPY apps/small/Dockerfile /own\n");
    const digests = await pushImages([{ reference, folder: "apps/small", base: `${registry}/small:1@${pushed}` }], options(root));
    expect(digests).toEqual({ [reference]: await resolveDigest(reference) });
  });

  test("tells the last words of a build that fails, and pushes nothing", async () => {
    const reference = `${registry}/broken:release`;
    await expect(pushImages([{ reference, folder: "apps/small", base: "scratch" }], options(application("FROM scratch\nCOPY nothing /\n")))).rejects.toMatchObject({ message: expect.stringContaining("could not be built and pushed"), why: expect.stringContaining("nothing") });
    await expect(resolveDigest(reference)).rejects.toThrow("has no broken:release");
  });
});

/** Starts the registry on the storage that all of them here share. */
async function startRegistry(address: string, auth: Readonly<Record<string, unknown>>): Promise<void> {
  const storage = { filesystem: { rootdirectory: join(folder, "data") } };
  // JSON is YAML, which the registry reads.
  writeFileSync(join(folder, `${address}.yml`), JSON.stringify({ version: 0.1, log: { level: "error" }, storage, auth, http: { addr: address } }));
  servers.push(spawn("docker-registry", ["serve", join(folder, `${address}.yml`)], { stdio: "ignore" }));
  while (!(await registryAnswers(address))) await sleep(100);
}

/** A registry that trusts the tokens of a token server made here; `asked` collects the queries that the server gets. */
async function closedRegistry({ grants }: { grants: boolean }): Promise<{ closed: string; asked: readonly string[] }> {
  const [key, certificate] = [join(folder, "token.key"), join(folder, "token.crt")];
  const subject = ["-subj", "/CN=token server", "-days", "2"];
  await execa("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", ...subject, "-keyout", key, "-out", certificate]);
  const asked: string[] = [];
  const tokens = createHttpServer((request, answer) => {
    asked.push(request.url?.split("?")[1] ?? "");
    answer.writeHead(grants ? 200 : 403).end(JSON.stringify({ token: grants ? token(key, certificate) : undefined }));
  });
  onTestFinished(() => void tokens.close());
  const realm = `http://127.0.0.1:${await listen(tokens)}/token`;
  const closed = `127.0.0.1:${await freePort()}`;
  await startRegistry(closed, { token: { realm, service: "test-registry", issuer: "test", rootcertbundle: certificate } });
  return { closed, asked };
}

/** A token as the distribution specification has it, for pulling the image `small`. */
function token(keyFile: string, certificateFile: string): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const certificate = new X509Certificate(readFileSync(certificateFile)).raw.toString("base64");
  const now = Math.floor(Date.now() / 1000);
  const access = [{ type: "repository", name: "small", actions: ["pull"] }];
  const claims = { iss: "test", aud: "test-registry", sub: "", iat: now, nbf: now - 10, exp: now + 60, jti: "1", access };
  const signed = `${encode({ typ: "JWT", alg: "ES256", x5c: [certificate] })}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), { key: createPrivateKey(readFileSync(keyFile)), dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  await new Promise((closed) => probe.close(closed));
  return port;
}

async function listen(on: Server): Promise<number> {
  await new Promise<void>((listening) => on.listen(0, "127.0.0.1", listening));
  const address = on.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
