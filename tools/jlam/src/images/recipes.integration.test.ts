/** What the recipes' images do: PostgreSQL, Redis, Traefik and the others that every environment runs. */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { build, folder, label, succeeds, tryRecipes, until, withRecipes, type RecipeTrial } from "./recipe-trial.fixture.ts";

const password = "a:strange\\pass'word";
const psql = (...args: readonly string[]) => ["psql", "--username=boss", "--host=127.0.0.1", "--dbname=app", "--tuples-only", "--no-align", ...args];

const trials: readonly RecipeTrial[] = [
  {
    recipe: "postgres",
    user: "999:999",
    options: [
      ...["--tmpfs", "/tmp", "--tmpfs", "/var/run/postgresql:uid=999,gid=999", "--volume", "/var/lib/postgresql/data"],
      ...["--volume", `${folder}/password:/run/secrets/password:ro`, "--volume", `${folder}/pgpass:/pgpass:ro`],
      ...["--volume", `${folder}/initdb:/docker-entrypoint-initdb.d:ro`, "--env", "PGPASSFILE=/pgpass"],
      ...["--env", "POSTGRES_PASSWORD_FILE=/run/secrets/password", "--env", "POSTGRES_USER=boss", "--env", "POSTGRES_DB=app"],
      ...["--env", "POSTGRES_INITDB_ARGS=--auth=scram-sha-256 --data-checksums"],
    ],
    command: ["postgres", "-c", "shared_preload_libraries=pg_stat_statements"],
    ready: ["pg_isready", "--host=127.0.0.1"],
    does: [
      ["has the contrib extensions", psql("--command=SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension"), /^amcheck pg_stat_statements pgcrypto plpgsql$/],
      ["took the options of POSTGRES_INITDB_ARGS, and C.UTF-8", psql("--command=SELECT current_setting('data_checksums'), pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = 'app'"), /^on\|UTF8\|C\.UTF-8$/],
      ["ran the start scripts in their order", psql("--command=SELECT name FROM scripts ORDER BY name"), /^from-sh\nfrom-sql$/],
      ["runs the server as PID 1", ["cat", "/proc/1/comm"], /^postgres$/],
      ["leaves no password file behind", ["ls", "-A", "/tmp"], /^$/],
    ],
  },
  {
    recipe: "redis",
    user: "999:1000",
    options: ["--tmpfs", "/data:uid=999,gid=1000"],
    command: ["redis-server", "--appendonly", "yes"],
    ready: ["redis-cli", "ping"],
    does: [
      ["is reached without a password where none is set", ["redis-cli", "config", "get", "protected-mode"], /no$/],
      ["took its arguments", ["redis-cli", "config", "get", "appendonly"], /yes$/],
      ["is Redis 8", ["redis-cli", "info", "server"], /redis_version:8\./],
      ["runs the server as PID 1", ["cat", "/proc/1/comm"], /^redis-server$/],
    ],
  },
  {
    recipe: "traefik",
    user: "65532:65532",
    options: [],
    command: ["--ping=true", "--entryPoints.web.address=:80"],
    ready: ["traefik", "healthcheck", "--ping=true"],
    does: [["is Traefik 3.7", ["traefik", "version"], /Version:\s+3\.7\./]],
  },
  {
    recipe: "openbao",
    user: "100:1000",
    options: ["--env", "BAO_ADDR=http://127.0.0.1:8200"],
    command: ["server", "-dev", "-dev-no-store-token"],
    ready: ["bao", "status"],
    does: [["is OpenBao 2.7", ["bao", "version"], /OpenBao v2\.7\./]],
  },
  {
    recipe: "node",
    user: "1000:1000",
    options: ["--tmpfs", "/tmp", "--env", "HOME=/tmp"],
    command: ["--eval", "require('http').createServer((_, r) => r.end('hello')).listen(3000); process.on('SIGTERM', () => process.exit())"],
    ready: ["node", "--eval", "fetch('http://127.0.0.1:3000').then((r) => process.exit(r.ok ? 0 : 1))"],
    does: [
      ["has Node 24", ["node", "--version"], /^v24\./],
      ["has npm", ["npm", "--version"], /^1\d\./],
      ["has npx", ["npx", "--version"], /^1\d\./],
    ],
  },
  {
    recipe: "seaweedfs",
    user: "1000:1000",
    options: ["--tmpfs", "/data:uid=1000,gid=1000", "--tmpfs", "/tmp"],
    // By default its volume server waits 10 s before it leaves, so that a cluster can move its load.
    command: ["server", "-dir=/data", "-s3", "-volume.preStopSeconds=0"],
    ready: ["wget", "-q", "-O", "-", "http://127.0.0.1:8333/healthz"],
    does: [["is the version that the recipe says", ["weed", "version"], /4\.48/]],
    // Idle as it is, it takes 15 s (measured with 4.48), whatever its options say.
    endsWithin: 30,
  },
  {
    recipe: "socket-proxy",
    // The socket belongs to root and to a group whose number differs between machines.
    user: "0:0",
    options: ["--volume", "/var/run/docker.sock:/var/run/docker.sock:ro"],
    command: ["-listenip=127.0.0.1", "-allowhealthcheck", "-allowGET=/v1\\.[0-9]+/(version|containers/json)", "-watchdoginterval=1", "-stoponwatchdog"],
    ready: ["/healthcheck"],
    does: [
      ["lets an allowed question through", ask("GET", "/v1.44/version"), / 200 /],
      ["takes no notice of the query", ask("GET", "/v1.44/containers/json?all=1"), / 200 /],
      ["refuses another question", ask("GET", "/v1.44/images/json"), / 403 /],
      ["refuses a path that only ends like an allowed one", ask("GET", "/x/v1.44/version"), / 403 /],
      ["refuses a path that only begins like an allowed one", ask("GET", "/v1.44/containers/json/../../images/json"), / 403 /],
      ["reads an encoded path before it decides", ask("GET", "/v1.44%2Fimages%2Fjson"), / 403 /],
      ["refuses another method", ask("POST", "/v1.44/version"), / 405 /],
    ],
  },
  {
    recipe: "maildev",
    user: "1000:1000",
    options: ["--tmpfs", "/tmp"],
    command: [],
    ready: ["wget", "-q", "-O", "-", "http://127.0.0.1:1080/api/healthz"],
    does: [
      ["greets on its SMTP port", ["node", "--eval", "require('net').connect(1025).once('data', (d) => { console.log(String(d)); process.exit(); })"], /^220 /],
      ["shows its page", ["wget", "-q", "-O", "-", "--header", "Accept: text/html", "http://127.0.0.1:1080/"], /<title>/i],
    ],
  },
];

/** Asks the socket proxy from inside its container, which has bash but no HTTP client; answers the status line. */
function ask(method: string, path: string): readonly string[] {
  const script = `exec 3<>/dev/tcp/127.0.0.1/2375; printf '${method} ${path} HTTP/1.1\\r\\nHost: docker\\r\\nConnection: close\\r\\n\\r\\n' >&3; head -n 1 <&3`;
  // printf would take a percent sign of the path for its own.
  return ["bash", "-c", script.replaceAll("%2F", "%%2F")];
}

withRecipes(trials.map(({ recipe }) => recipe), async () => {
  writeFileSync(join(folder, "password"), password, { mode: 0o444 });
  // libpq wants it private to its reader, which inside the container is user 999.
  writeFileSync(join(folder, "pgpass"), `*:*:*:*:${password.replaceAll(/[:\\]/g, "\\$&")}\n`, { mode: 0o600 });
  await execa("chown", ["999:999", join(folder, "pgpass")]);
  await execa("mkdir", ["-p", join(folder, "initdb")]);
  writeFileSync(join(folder, "initdb/01-table.sh"), `psql -c "CREATE TABLE scripts (name text); INSERT INTO scripts VALUES ('from-sh')"\n`);
  writeFileSync(
    join(folder, "initdb/02-extensions.sql"),
    "CREATE EXTENSION pgcrypto; CREATE EXTENSION pg_stat_statements; CREATE EXTENSION amcheck; INSERT INTO scripts VALUES ('from-sql');\n",
  );
});

tryRecipes(trials);

describe("PostgreSQL's first start", () => {
  test("begins anew after it was killed half-way", async () => {
    const { image } = await build("postgres");
    const volume = `jlam-test-${randomUUID()}`;
    const run = async (...extra: readonly string[]) =>
      (await execa("docker", ["run", "--detach", "--label", label, "--user=999:999", `--volume=${volume}:/var/lib/postgresql/data`, "--env=POSTGRES_PASSWORD=x", ...extra, image])).stdout;
    await execa("docker", ["volume", "create", "--label", label, volume]);
    writeFileSync(join(folder, "slow.sh"), "echo half-way; sleep 60\n");
    const first = await run(`--volume=${folder}/slow.sh:/docker-entrypoint-initdb.d/slow.sh:ro`);
    await until(async () => (await execa("docker", ["logs", first], { all: true })).all.includes("half-way"));
    await execa("docker", ["kill", "--signal=KILL", first]);
    const second = await run();
    await until(() => succeeds(["exec", second, "pg_isready", "--host=127.0.0.1"]));
    const { stdout } = await execa("docker", ["exec", second, "psql", "--username=postgres", "--tuples-only", "--no-align", "--command=SELECT 1"]);
    expect(stdout).toBe("1");
    await execa("docker", ["rm", "--force", first, second]);
    await execa("docker", ["volume", "rm", volume]);
  });

  test("refuses to start without a password for the superuser, and says which variable to set", async () => {
    const { image } = await build("postgres");
    const result = await execa("docker", ["run", "--rm", "--label", label, image], { reject: false });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("POSTGRES_PASSWORD_FILE");
  });
});
