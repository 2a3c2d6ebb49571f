import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

import { migrations } from "./database/migrations/index.ts";
import { makeSecretFiles, postgresImage, redisImage, startPostgres, startRedis } from "./testing/containers.ts";
import type { TestDatabase, TestRedis } from "./testing/containers.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];

interface Running {
  readonly origin: string;
  readonly metrics: string;
  readonly child: ChildProcess;
  /** Everything that was logged until now. */
  log(): string;
  /** Sends the choice of display as a browser does. */
  choose(choice: string, cookie?: string): Promise<Response>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

const FORM = "textSize=large&contrast=normal";
const cookieOf = (response: Response): string => (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
const tokenOf = (page: string): string => /name="token" value="([^"]+)"/.exec(page)?.[1] ?? "";

describe.skipIf(postgres === undefined || redisName === undefined)("the whole program (needs images of postgres and redis)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let server: TestDatabase;
  let redis: TestRedis;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    [server, redis] = await Promise.all([startPostgres(postgres ?? "", secrets), startRedis(redisName ?? "", secrets)]);
    const migrate = spawn(process.execPath, [fileURLToPath(new URL("./migrate.ts", import.meta.url))], {
      env: { ENVIRONMENT: "test", ...databaseEnvironment(server.owner) },
    });
    expect(await once(migrate, "exit")).toEqual([0, null]);
    expect(await server.sql("select number from schema_migration")).toHaveLength(migrations.length);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([server.container.stop(), redis.container.stop()]);
    await secrets.remove();
  });

  const databaseEnvironment = (settings: TestDatabase["owner"]): NodeJS.ProcessEnv => ({
    DATABASE_HOST: settings.host,
    DATABASE_PORT: String(settings.port),
    DATABASE_NAME: settings.name,
    DATABASE_USER: settings.user,
    DATABASE_PASSWORD_FILE: settings.passwordFile,
    DATABASE_TLS: "off",
  });

  async function start(change: NodeJS.ProcessEnv = {}, readyStatus = 200): Promise<Running> {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const origin = `http://127.0.0.1:${port}`;
    const child = spawn(process.execPath, [fileURLToPath(new URL("./server.ts", import.meta.url))], {
      env: {
        ENVIRONMENT: "test",
        LOG_LEVEL: "trace",
        HTTP_PORT: String(port),
        METRICS_PORT: String(metricsPort),
        HEALTH_PATH: "/health",
        READY_PATH: "/ready",
        METRICS_PATH: "/metrics",
        PUBLIC_URL: origin,
        SHUTDOWN_DELAY_SECONDS: "0.5",
        ...databaseEnvironment(server.application),
        SESSIONS_HOST: redis.settings.host,
        SESSIONS_PORT: String(redis.settings.port),
        SESSIONS_PASSWORD_FILE: redis.settings.passwordFile,
        SESSIONS_TLS: "off",
        SESSION_KEY_FILE: redis.settings.keyFile,
        ACCESS_LOG_KEY_FILE: redis.settings.keyFile,
        ERASURE_KEY_FILE: redis.settings.keyFile,
        BACKUP_RETENTION_DAYS: "30",
        ...change,
      },
    });
    let log = "";
    child.stdout.on("data", (text: Buffer) => void (log += text.toString()));
    child.stderr.on("data", (text: Buffer) => void (log += text.toString()));
    onTestFinished(async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    });
    await vi.waitFor(async () => expect((await fetch(`${origin}/ready`)).status).toBe(readyStatus), { timeout: 15_000, interval: 100 });
    return {
      origin,
      metrics: `http://127.0.0.1:${metricsPort}/metrics`,
      child,
      log: () => log,
      choose: (choice, cookie) =>
        fetch(`${origin}/weergave`, {
          method: "POST",
          redirect: "manual",
          headers: { origin, "content-type": "application/x-www-form-urlencoded", ...(cookie === undefined ? {} : { cookie }) },
          body: choice,
        }),
    };
  }

  /** A form whose body has not been sent to its end, so that it stays in flight for as long as the test wants. */
  function beginForm(running: Running): { readonly request: ClientRequest; readonly answer: Promise<IncomingMessage> } {
    const form = request(`${running.origin}/weergave`, {
      method: "POST",
      headers: { origin: running.origin, "content-type": "application/x-www-form-urlencoded", "content-length": FORM.length },
    });
    form.write(FORM.slice(0, 10));
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      form.on("response", (response) => resolve(response.resume())).on("error", reject);
    });
    return { request: form, answer };
  }

  test("a choice of display is kept in a session, changed with its token, and forgotten with the session", async () => {
    const running = await start();
    const begun = await running.choose("textSize=large&contrast=normal");
    expect(begun.status).toBe(303);
    expect(begun.headers.get("set-cookie")).toMatch(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const cookie = cookieOf(begun);

    const page = await (await fetch(running.origin, { headers: { cookie } })).text();
    expect(page).toContain('class="text-large contrast-normal"');

    expect((await running.choose("textSize=larger&contrast=high", cookie)).status).toBe(403);
    expect((await running.choose("textSize=larger&contrast=high&token=wrong", cookie)).status).toBe(403);
    expect((await running.choose(`textSize=larger&contrast=high&token=${tokenOf(page)}`, cookie)).status).toBe(303);
    expect(await (await fetch(running.origin, { headers: { cookie } })).text()).toContain('class="text-larger contrast-high"');

    const ended = await running.choose(`textSize=normal&contrast=normal&token=${tokenOf(page)}`, cookie);
    expect(ended.headers.get("set-cookie")).toContain("__Host-session=; ");
    expect(await (await fetch(running.origin, { headers: { cookie } })).text()).toContain('class="text-normal contrast-normal"');
    expect(await redis.command("keys", "session:*")).toBe("");
  });

  test("visiting makes no session, and neither does choosing what already holds", async () => {
    const running = await start();
    expect((await fetch(running.origin)).headers.get("set-cookie")).toBeNull();
    expect((await running.choose("textSize=normal&contrast=normal")).headers.get("set-cookie")).toBeNull();
    expect(await redis.command("keys", "session:*")).toBe("");
  });

  test("a message that operators put into the database is on the page", async () => {
    // What another test's process found there holds for half a minute.
    await redis.command("del", "cache:site-message");
    await server.sql("insert into site_message (kind, message, ends_at) values ('notice', 'Nieuw: <recepten>', now() + interval '1 minute')");
    await server.sql("insert into site_message (kind, message, starts_at, ends_at) values ('maintenance', 'Voorbij', now() - interval '2 minutes', now() - interval '1 minute')");
    const running = await start();
    // A page doesn't wait for a database that takes longer than a quarter of a second; the next one has it.
    const page = await vi.waitFor(async () => {
      const text = await (await fetch(running.origin)).text();
      expect(text).toContain("<strong>Mededeling:</strong> Nieuw: &lt;recepten&gt;");
      return text;
    }, { timeout: 10_000 });
    expect(page).not.toContain("Voorbij");
  });

  test("metrics are on their own port only, and tell routes but no addresses", async () => {
    const running = await start();
    await fetch(`${running.origin}/jan.jansen@example.nl`);
    const text = await (await fetch(running.metrics)).text();
    expect(text).toMatch(/http_request_duration_seconds_bucket\{le="0.5",method="GET",route="none",status_code="404"\} [1-9]/);
    expect(text).toContain("http_requests_in_flight 0");
    expect(text).toContain("process_resident_memory_bytes");
    expect(text).toMatch(/^jlam_members \d+$/m);
    expect(text).toMatch(/^jlam_active_members\{period="month"\} \d+$/m);
    expect(text).not.toContain("jansen");
    expect((await fetch(`${running.origin}/metrics`)).status).toBe(404);
  });

  test("told to stop, it fails its checks, finishes what is in flight, and ends with 0", async () => {
    const running = await start({ SHUTDOWN_DELAY_SECONDS: "1" });
    const { request: form, answer } = beginForm(running);
    await vi.waitFor(async () => expect(await (await fetch(running.metrics)).text()).toContain("http_requests_in_flight 1"));
    running.child.kill("SIGTERM");
    await vi.waitFor(async () => expect((await fetch(`${running.origin}/ready`)).status).toBe(503));
    expect((await fetch(`${running.origin}/health`)).status).toBe(503);
    const page = await fetch(running.origin);
    expect(page.status).toBe(200);
    expect(page.headers.get("connection")).toBe("close");

    await sleep(1_500);
    expect(running.child.exitCode).toBeNull();
    form.end(FORM.slice(10));
    const response = await answer;
    expect(response.statusCode).toBe(303);
    expect(response.headers.connection).toBe("close");
    expect(await once(running.child, "exit")).toEqual([0, null]);
  });

  test("a request that never ends does not keep it running past the limit", async () => {
    const running = await start({ SHUTDOWN_DELAY_SECONDS: "0", SHUTDOWN_LIMIT_SECONDS: "1.5" });
    const { answer } = beginForm(running);
    answer.catch(() => undefined);
    await vi.waitFor(async () => expect(await (await fetch(running.metrics)).text()).toContain("http_requests_in_flight 1"));
    const begin = performance.now();
    running.child.kill("SIGTERM");
    expect(await once(running.child, "exit")).toEqual([0, null]);
    expect(performance.now() - begin).toBeLessThan(5_000);
    expect(running.log()).toContain("what is still running is cut off");
  });

  test("with both databases away it still shows the page, and says that it isn't ready", async () => {
    const away = { DATABASE_PORT: "1", SESSIONS_PORT: "1" };
    const running = await start(away, 503);
    expect(await (await fetch(`${running.origin}/ready`)).json()).toEqual({
      status: "not ready",
      checks: { database: "failed", sessions: "failed" },
    });
    expect((await fetch(`${running.origin}/health`)).status).toBe(200);
    expect((await fetch(running.origin, { headers: { cookie: `__Host-session=${"a".repeat(43)}` } })).status).toBe(200);
    expect((await running.choose("textSize=large&contrast=normal")).status).toBe(503);
    const metrics = await (await fetch(running.metrics)).text();
    expect(metrics).toContain("process_resident_memory_bytes");
    expect(metrics).not.toMatch(/^jlam_members/m);
  });

  const provider = async (): Promise<NodeJS.ProcessEnv> => ({
    OIDC_ISSUER: "https://auth.jlam.localhost/application/o/web/",
    OIDC_CLIENT_ID: "web",
    OIDC_CLIENT_SECRET_FILE: await secrets.write("client-secret", "only-for-this-test"),
    OIDC_CALLBACK_URL: "https://jlam.localhost/auth/callback",
    OIDC_BACK_CHANNEL: "http://127.0.0.1:1",
    OIDC_REQUIRED_GROUPS: "members",
  });

  test("demo members keep a diary in local, and in no environment that people use", async () => {
    const real = await start({ ...(await provider()), ENVIRONMENT: "production" });
    await sleep(1_500);
    expect(await server.sql("select 1 from member")).toEqual([]);
    expect(real.log()).not.toContain("demo members");

    const local = await start({ ...(await provider()), ENVIRONMENT: "local" });
    await vi.waitFor(() => expect(local.log()).toContain("the demo members' diaries are filled"), { timeout: 30_000 });
    expect((await server.sql("select 1 from diary_entry")).length).toBeGreaterThan(45);
    expect(await server.sql("select 1 from member")).toHaveLength(2);
  });

  test("with a provider that is away it is ready and shows the way in, which leads to the Dutch page for that", async () => {
    const running = await start(await provider());
    expect(await (await fetch(running.origin)).text()).toContain('href="/inloggen"');
    const answer = await fetch(`${running.origin}/inloggen`, { redirect: "manual" });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("Inloggen lukt nu even niet");
  });

  test("without a provider there is no way in", async () => {
    const running = await start();
    expect(await (await fetch(running.origin)).text()).not.toContain("/inloggen");
    expect((await fetch(`${running.origin}/inloggen`)).status).toBe(404);
    expect((await fetch(`${running.origin}/account`)).status).toBe(404);
  });

  test("a start without settings ends with 1 and names every variable", async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("./server.ts", import.meta.url))], { env: {} });
    let text = "";
    child.stderr.on("data", (part: Buffer) => void (text += part.toString()));
    expect(await once(child, "exit")).toEqual([1, null]);
    expect(text).toContain("✖ HTTP_PORT: is not set");
    expect(text).toContain("✖ SESSION_KEY_FILE: is not set");
    expect(text).not.toContain("    at ");
  });
});
