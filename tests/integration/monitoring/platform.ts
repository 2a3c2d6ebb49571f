/** The test environment on this machine's engine, booted from the files that are emitted for it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { issueServer } from "../../../tools/jlam/src/certificates/issue.ts";
import { provideImages } from "../../../tools/jlam/src/images/provide.ts";
import { sourcePolicy } from "../../../tools/jlam/src/images/source.ts";
import { wantedImages } from "../../../tools/jlam/src/images/wanted.ts";
import { issuedFor } from "../../../tools/jlam/src/runtime/certificates.ts";
import { engine } from "../../../tools/jlam/src/runtime/containers.ts";
import { compose, projectOf } from "../../../tools/jlam/src/runtime/project.ts";
import { leaveOut, servicesOf } from "../../../tools/jlam/src/runtime/selection.ts";
import { provideSecrets, secretPaths } from "../../../tools/jlam/src/secrets/provide.ts";
import { generatedDirectory, repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { synthesise } from "../../../tools/jlam/src/synth/synthesise.ts";
import { removeEnvironment } from "../../../tools/jlam/src/test/leftovers.ts";
import { say } from "../../../tools/jlam/src/terminal/output.ts";
import { provideDisks, removeDisks, smallDisks } from "./disks.ts";
import { monitoringTest } from "./environment.ts";

/** A repository of its own for what is emitted and made: nothing of it is committed. */
const root = join(repositoryRoot, ".jlam", "monitoring-test");

/** Files of the small disks. */
const disks = join(repositoryRoot, ".jlam", "monitoring-test-disks");

/** How often a start is tried again, a quarter of a minute apart. */
const patience = 8;

const day = 86_400_000;
/** Days that the authority's certificates are valid (tools/jlam/src/certificates/issue.ts). */
const validDays = 90;

export interface Platform {
  /** PEM certificate of the authority that signed the environment's. */
  readonly authority: string;
  /** Services that are not here, since their image can't be had, and what else can't be made on this machine, with the reason. */
  readonly absent: ReadonlyMap<string, string>;
  /** Name of a service's container. */
  container(service: string): string;
  /** Where a service answers this machine: `http://10.1.2.3`. */
  address(service: string): Promise<string>;
  /** Where the alerts that arrived can be read: asked every second, so Docker isn't asked for it again. */
  readonly inbox: string;
  docker(...args: readonly string[]): Promise<string>;
  /** What stands in the file of a secret: `<service>/<NAME>`. */
  password(path: string): string;
  /** An emitted file that a service has mounted; written in place, so that the container sees it. */
  emitted(path: string): { read(): string; write(text: string): void };
  /** Serves a certificate with so many days left. */
  certificateWith(daysLeft: number): Promise<void>;
}

/**
 * Boots the environment from nothing, or goes on with the one that was kept.
 * @throws Error where something doesn't become healthy, with Compose's own words
 */
export async function bootPlatform({ keep }: { readonly keep: boolean }): Promise<Platform> {
  const goesOn = keep && existsSync(root);
  if (!goesOn) await removePlatform();
  const provision = await provideImages(wantedImages(monitoringTest), {
    root: repositoryRoot,
    policy: sourcePolicy(process.env["JLAM_IMAGES"]),
    report: (image, line) => say(`image ${image}: ${line}`),
  });
  const { profiles, leftOut } = leaveOut(servicesOf(monitoringTest, []), new Map(provision.missing.map(({ name, reason }) => [name, reason])));
  const issued = await issuedFor(monitoringTest, root);
  if (issued === undefined) throw new Error("the environment has no authority of its own");
  if (!goesOn) provideSecrets(monitoringTest, root, issued);
  if (!goesOn) synthesise(monitoringTest, { root, check: false, overwrite: false });

  const project = projectOf(monitoringTest, root, { variables: provision.env, profiles });
  const noDisks = goesOn ? undefined : await provideDisks(disks, { project: project.name, name: "redis-carts", owner: "999:1000", environment: monitoringTest.name });

  const began = Date.now();
  const up = async () => await compose(project, ["up", "--detach", "--wait", "--wait-timeout", "300"], 600_000);
  let { exitCode, all } = goesOn ? { exitCode: 0, all: "" } : await up();
  // Compose gives up at the first check that lost its patience, which on a busy machine says nothing yet.
  for (let left = patience; exitCode !== 0 && left > 0; left -= 1) {
    await sleep(15_000);
    ({ exitCode, all } = await up());
  }
  if (exitCode !== 0) throw new Error(`the environment didn't start:\n${all}\n${(await compose(project, ["logs", "--no-color", "--tail=20"])).all}`);
  if (!goesOn) say(`the monitoring test's environment was healthy after ${Math.round((Date.now() - began) / 1000)} s`);

  const docker = async (...args: readonly string[]): Promise<string> => (await execa("docker", args, { stdin: "ignore" })).stdout;
  const container = (service: string): string => `${project.name}-${service}-1`;
  const address = async (service: string): Promise<string> => {
    const { NetworkSettings: { Networks: networks } } = await engine.getContainer(container(service)).inspect();
    return `http://${Object.values(networks)[0]?.IPAddress ?? ""}`;
  };
  return {
    authority: readFileSync(issued.authority, "utf8"),
    absent: new Map([...leftOut.map(({ service, reason }) => [service, reason] as const), ...(noDisks === undefined ? [] : [[smallDisks, noDisks] as const])]),
    password: (path) => readFileSync(join(secretPaths(root, monitoringTest.name).files, path), "utf8").trim(),
    container,
    address,
    inbox: `${await address("inbox")}:3001`,
    docker,
    emitted: (path) => {
      const file = join(generatedDirectory(monitoringTest.name, root), path);
      return { read: () => readFileSync(file, "utf8"), write: (text) => writeFileSync(file, text) };
    },
    certificateWith: async (daysLeft) => {
      const kept = (name: string): string => readFileSync(join(root, ".jlam", "certificates", monitoringTest.node.domain, name), "utf8");
      const made = await issueServer({ certificate: kept("authority.pem"), key: kept("authority.key") }, monitoringTest.node.domain, new Date(Date.now() - (validDays - daysLeft) * day));
      const { files } = secretPaths(root, monitoringTest.name);
      const served = { "traefik/TLS_CERTIFICATE": made.certificate, "traefik/TLS_KEY": made.key, "blackbox-exporter/TLS_CERTIFICATE": made.certificate };
      for (const [path, text] of Object.entries(served)) await overwrite(join(files, path), text);
      // Traefik reads its files again, and the certificate that they name.
      await docker("kill", "--signal=HUP", container("traefik"));
    },
  };
}

/** In place: a container has the file itself mounted, not its name. */
async function overwrite(path: string, text: string): Promise<void> {
  await execa("chmod", ["u+w", path]);
  writeFileSync(path, text);
}

/** Removes containers, networks, volumes, disks, secrets and emitted files. */
export async function removePlatform(): Promise<void> {
  await removeEnvironment(monitoringTest.name);
  await removeDisks(disks);
  rmSync(root, { recursive: true, force: true });
}
