import { notBackedUp, redis } from "@jlam/compose-dsl";
import { redisContainer } from "@jlam/redis";
import { createClient } from "@redis/client";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { imageOnThisMachine, startProvided, type RunningService } from "./provided-service.ts";

const provider = redisContainer(
  redis("sessions", { owner: "platform", holds: "session-data", backup: notBackedUp("a test") }),
  { memory: "64M", cpus: 0.5 },
);
const node = provider.services[0];
const image = node && (await imageOnThisMachine(node));

type Login = "application" | "monitoring";

const clientFor = (host: string, credentials: { readonly username?: string; readonly password?: string }) =>
  createClient({
    ...credentials,
    disableClientInfo: true,
    maintNotifications: "disabled",
    socket: { host, connectTimeout: 2_000, reconnectStrategy: false },
  });
type Client = ReturnType<typeof clientFor>;

describe.skipIf(image === undefined)(`Redis in a container (${image ?? "no image on this machine"})`, () => {
  let server: RunningService;
  const open: Client[] = [];

  const passwordOf = (user: Login): string => server.secrets[0]?.sources[user] ?? "";
  const connect = async (credentials: { readonly username?: string; readonly password?: string } = {}): Promise<Client> => {
    const client = clientFor(server.host, credentials);
    client.on("error", () => undefined);
    await client.connect();
    open.push(client);
    return client;
  };
  const connectAs = (username: Login): Promise<Client> => connect({ username, password: passwordOf(username) });

  beforeAll(async () => {
    server = await startProvided(provider, image ?? "");
    return () => server.stop();
  }, 150_000);

  afterEach(() => {
    for (const client of open.splice(0)) client.destroy();
  });

  test("the application keeps a session that expires", async () => {
    const client = await connectAs("application");
    await client.set("session:a", "kept", { expiration: { type: "EX", value: 60 } });
    expect(await client.getEx("session:a", { type: "EX", value: 120 })).toBe("kept");
    expect(await client.ttl("session:a")).toBeGreaterThan(60);
  });

  test.each([
    ["list keys", ["KEYS", "*"]],
    ["walk through keys", ["SCAN", "0"]],
    ["empty the database", ["FLUSHALL"]],
    ["read the configuration", ["CONFIG", "GET", "*"]],
    ["change the configuration", ["CONFIG", "SET", "maxmemory", "0"]],
    ["read the access list", ["ACL", "LIST"]],
    ["run a script", ["EVAL", "return 1", "0"]],
    ["watch what others do", ["MONITOR"]],
    ["stop the server", ["SHUTDOWN"]],
    ["copy the server's data elsewhere", ["REPLICAOF", "example.org", "6379"]],
  ])("the application can't %s", async (_what, command) => {
    await expect((await connectAs("application")).sendCommand(command)).rejects.toThrow("NOPERM");
  });

  test("monitoring reads the server's figures", async () => {
    expect(await (await connectAs("monitoring")).info("memory")).toContain("used_memory:");
  });

  test.each([
    ["read a session", ["GET", "session:a"]],
    ["write a session", ["SET", "session:a", "stolen"]],
    ["list sessions", ["KEYS", "*"]],
    ["see the arguments of slow commands", ["SLOWLOG", "GET"]],
  ])("monitoring can't %s", async (_what, command) => {
    await expect((await connectAs("monitoring")).sendCommand(command)).rejects.toThrow("NOPERM");
  });

  test("who has not signed in gets nothing", async () => {
    await expect(connect().then((client) => client.get("session:a"))).rejects.toThrow("NOAUTH");
  });

  test("a wrong password is refused", async () => {
    await expect(connect({ username: "application", password: passwordOf("monitoring") })).rejects.toThrow("WRONGPASS");
  });

  test("the user of the health check can do nothing else", async () => {
    const client = await connect({ username: "health", password: "any" });
    expect(await client.ping()).toBe("PONG");
    await expect(client.get("session:a")).rejects.toThrow("NOPERM");
    await expect(client.info()).rejects.toThrow("NOPERM");
  });

  test("the health check fails while the server does not answer", async () => {
    const health = node?.health;
    const command = health?.kind === "command" ? health.command : [];
    expect(await server.exec(command)).toEqual({ exitCode: 0, output: "PONG\n" });
    const elsewhere = await server.exec([...command.slice(0, -1), "-p", "1", "ping"]);
    expect(elsewhere.exitCode).not.toBe(0);
  });

  test("a full server refuses to write, and forgets nothing", async () => {
    const client = await connectAs("application");
    await client.set("session:first", "kept");
    const filling = async (): Promise<void> => {
      for (let number = 0; number < 200; number++) await client.set(`session:${number}`, "x".repeat(1024 * 1024));
    };
    await expect(filling()).rejects.toThrow("OOM");
    expect(await client.get("session:first")).toBe("kept");
    for (let number = 0; number < 200; number++) await client.del(`session:${number}`);
  });

  test("sessions are there after a restart", async () => {
    await (await connectAs("application")).set("session:stays", "kept");
    await server.restart();
    expect(await (await connectAs("application")).get("session:stays")).toBe("kept");
  });

  test("no password is in a log, argument, environment or file of the container", async () => {
    const everywhere = await server.exec(["sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ /run/secrets/* /data/appendonlydir/* 2>/dev/null | tr '\\0' '\\n'"]);
    const texts = `${everywhere.output}\n${await server.logs()}\n${JSON.stringify(server.node.mounts)}`;
    expect(texts).toContain("user application reset on #");
    for (const user of ["application", "monitoring"] as const) expect(texts.includes(passwordOf(user)), `the password of ${user}`).toBe(false);
  });
});
