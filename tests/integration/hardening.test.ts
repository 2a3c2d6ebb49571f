/** Every container holds what the platform promises of it; exceptions only with a reason on the container itself. */
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { engine } from "../../tools/jlam/src/runtime/containers.ts";
import { waiverAnnotation } from "../../tools/jlam/src/test/vitest-report.ts";
import { ci, containerId, inspect, runningServices, serviceNamed, startedServices } from "./stack/environment.ts";
import { probe, probeLabels } from "./stack/probe.ts";

const processes = z.object({
  users: z.array(z.number()),
  groups: z.array(z.number()),
  capabilities: z.object({ effective: z.string(), permitted: z.string(), bounding: z.string() }),
  noNewPrivileges: z.boolean(),
  writing: z.object({ root: z.string(), etc: z.string(), usr: z.string(), temporary: z.string() }),
});

const noCapability = "0".repeat(16);

const look = async (container: string) =>
  await probe({ program: "processes", output: processes, user: "0:0", in: { PidMode: `container:${container}`, CapAdd: ["SYS_PTRACE"] } });

const started = startedServices().map(({ name }) => name);
const running = runningServices().map(({ name }) => name);

/** The rules that a container may break, with their reasons, from its labels alone. */
async function waivers(service: string): Promise<ReadonlyMap<string, string>> {
  const prefix = "nl.jlam.waiver.";
  const labels = Object.entries((await inspect(service)).Config.Labels);
  return new Map(labels.filter(([name]) => name.startsWith(prefix)).map(([name, reason]) => [name.slice(prefix.length), reason]));
}

test.each(started)("%s: its waivers are those of the model, each with a reason", async (service) => {
  expect(Object.fromEntries(await waivers(service))).toEqual(serviceNamed(service).node.exceptions);
  for (const reason of (await waivers(service)).values()) expect(reason.length).toBeGreaterThan(15);
});

test("waivers are listed", async ({ annotate }) => {
  for (const service of started) {
    for (const [rule, reason] of await waivers(service)) await annotate(`${service}: ${rule}: ${reason}`, waiverAnnotation);
  }
});

describe.each(started)("%s as the engine runs it", (service) => {
  test("is not root", async () => {
    const { Config } = await inspect(service);
    expect(Config.User).toMatch(/^\d+:\d+$/);
    if (!(await waivers(service)).has("non-root")) expect(Config.User).not.toMatch(/^0:|:0$/);
  });

  test("has a read-only root file system and writable memory only where it is named", async () => {
    const { HostConfig, Mounts } = await inspect(service);
    if (!(await waivers(service)).has("read-only-root")) expect(HostConfig.ReadonlyRootfs).toBe(true);
    const { mounts } = serviceNamed(service);
    const writable = Mounts.filter(({ RW, Type }) => RW && Type !== "tmpfs").map(({ Destination }) => Destination);
    expect(writable.sort()).toEqual(mounts.flatMap((mount) => (mount.kind === "volume" && !mount.volume.readOnly ? [mount.path] : [])).sort());
    for (const options of Object.values(HostConfig.Tmpfs ?? {})) expect(options).toMatch(/size=.*nosuid.*nodev/);
  });

  test("keeps no capability beyond those declared, and can't gain any", async () => {
    const { HostConfig } = await inspect(service);
    const added: readonly string[] = HostConfig.CapAdd ?? [];
    const kept = added.map((name) => name.replace(/^CAP_/, "")).sort();
    expect(kept).toEqual([...serviceNamed(service).node.capabilities].sort());
    if (!(await waivers(service)).has("drop-all-capabilities")) expect(HostConfig.CapDrop).toEqual(["ALL"]);
    if (!(await waivers(service)).has("no-new-privileges")) expect(HostConfig.SecurityOpt).toContain("no-new-privileges:true");
    expect(HostConfig.Privileged).toBe(false);
  });

  test("has the limits of its declaration", async () => {
    const { HostConfig } = await inspect(service);
    const { memory, cpus, pids } = serviceNamed(service).node.resources;
    expect({ memory: HostConfig.Memory, cpus: HostConfig.NanoCpus, pids: HostConfig.PidsLimit }).toEqual({ memory: memory.bytes, cpus: cpus * 1e9, pids });
  });

  test("shares no namespace with the host", async () => {
    const { HostConfig } = await inspect(service);
    expect([HostConfig.PidMode, HostConfig.IpcMode, HostConfig.UTSMode, HostConfig.UsernsMode, HostConfig.NetworkMode]).not.toContain("host");
    expect(HostConfig.Devices ?? []).toEqual([]);
  });

  test("publishes on the loopback address only, and only if it is the edge", async () => {
    const { HostConfig } = await inspect(service);
    const bindings = Object.values<readonly { readonly HostIp?: string; readonly HostPort?: string }[]>(HostConfig.PortBindings ?? {}).flat();
    expect(bindings.map(({ HostIp }) => HostIp)).toEqual(bindings.map(() => "127.0.0.1"));
    if (service !== ci.proxy?.service.name) expect(bindings).toEqual([]);
    else expect(bindings.map(({ HostPort }) => HostPort).sort()).toEqual([String(ci.node.publishing.http), String(ci.node.publishing.https)].sort());
  });

  test("sees no path of the host, the engine's socket least of all", async () => {
    const { Mounts } = await inspect(service);
    const generated = /\/environments\/ci\/(generated\/files|\.secrets)\//;
    const foreign = Mounts.filter(({ Type, Source }) => Type === "bind" && !generated.test(Source));
    if (!(await waivers(service)).has("no-host-path")) return expect(foreign).toEqual([]);
    // The proxies see the socket and nothing else; whoever measures the host sees it without the right to change it.
    const sockets = foreign.filter(({ Source }) => Source === "/var/run/docker.sock");
    expect(sockets.length).toBe(service.endsWith("-socket-proxy") ? 1 : 0);
    if (sockets.length > 0) expect(foreign).toEqual(sockets);
    else expect(foreign.filter(({ RW }) => RW)).toEqual([]);
  });

  test("writes its log to a file that is rotated", async () => {
    const { HostConfig } = await inspect(service);
    expect(HostConfig.LogConfig).toMatchObject({ Type: "json-file", Config: { "max-size": "10m", "max-file": "5" } });
  });
});

describe.each(running)("%s as the kernel runs it", (service) => {
  let seen: z.infer<typeof processes>;

  beforeAll(async () => {
    seen = await look(await containerId(service));
  });

  test("has the user that was declared, no capability, and can't get more", () => {
    const [user = Number.NaN, group = Number.NaN] = serviceNamed(service).node.user.split(":").map(Number);
    expect(seen.users).toEqual([user, user, user, user]);
    expect(seen.groups).toEqual([group, group, group, group]);
    if (serviceNamed(service).node.capabilities.length === 0) expect(seen.capabilities).toEqual({ effective: noCapability, permitted: noCapability, bounding: noCapability });
    expect(seen.noNewPrivileges).toBe(true);
  });

  test("can't write to its own programs or settings, not even as root, but to /tmp", () => {
    // An image that is one program has no /usr.
    expect(seen.writing).toEqual({ root: "EROFS", etc: "EROFS", usr: expect.stringMatching(/^(EROFS|ENOENT)$/), temporary: "written" });
  });
});

test("the same look at a container without any of this sees root, its capabilities and what it may write", async () => {
  const soft = await engine.createContainer({ Image: (await inspect("web")).Image, User: "0:0", Entrypoint: ["node", "-e", "setInterval(() => undefined, 60000)"], Labels: probeLabels });
  try {
    await soft.start();
    const seen = await look(soft.id);
    expect(seen).toMatchObject({ users: [0, 0, 0, 0], noNewPrivileges: false, writing: { root: "written", etc: "written", usr: "written" } });
    expect(seen.capabilities.effective).not.toBe(noCapability);
  } finally {
    await soft.remove({ force: true, v: true });
  }
});
