import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { tokenOf } from "@jlam/test-browser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createLogger } from "./logging.ts";
import { runRetention } from "./retention/retention-run.ts";
import { TEST_ORIGIN } from "./testing/application.ts";
import { postgresImage, redisImage } from "./testing/containers.ts";
import { newPerson } from "./testing/accounts.ts";
import { startMemberWorld } from "./testing/member-world.ts";
import type { MemberWorld } from "./testing/member-world.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const silent = createLogger({ level: "silent", service: "web", environment: "test" });

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

describe.skipIf(postgres === undefined || redisName === undefined)("erasing again after a restore (needs images of postgres and redis)", () => {
  let world: MemberWorld;

  beforeAll(async () => {
    world = await startMemberWorld(postgres ?? "", redisName ?? "");
  }, 120_000);

  afterAll(() => world.stop());

  async function erasures(words: readonly string[], input = "", change: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const { owner } = world.server;
    const child = spawn(process.execPath, [fileURLToPath(new URL("./erasures.ts", import.meta.url)), ...words], {
      env: {
        ENVIRONMENT: "test",
        DATABASE_HOST: owner.host,
        DATABASE_PORT: String(owner.port),
        DATABASE_NAME: owner.name,
        DATABASE_USER: owner.user,
        DATABASE_PASSWORD_FILE: owner.passwordFile,
        DATABASE_TLS: "off",
        ERASURE_KEY_FILE: world.erasureKeyFile,
        ...change,
      },
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await ended, output, errors };
  }

  async function inContainer(...command: string[]): Promise<void> {
    const { exitCode, output } = await world.server.container.exec(command);
    expect(output).not.toContain("error");
    expect(exitCode).toBe(0);
  }

  async function eraseNow(name: string): Promise<{ readonly memberId: string; readonly uuid: string }> {
    const { browser, person, memberId } = await world.signIn(name);
    const page = await browser.open(`${TEST_ORIGIN}/account/verwijderen`);
    await browser.open(page.url, { token: tokenOf(page), confirmation: "verwijderen" });
    return { memberId, uuid: person.uuid };
  }
  const makeDue = () => world.server.sql("update erasure_request set requested_at = now() - interval '15 days', due_at = now() - interval '1 minute'");

  test("whoever was erased after a dump was made is erased again from what it restores, and nobody else", async () => {
    const sam = await world.signIn("Sam");
    await world.server.sql(`insert into diary_entry (member_id, day, weight) values ('${sam.memberId}', '2026-11-01', 80)`);
    const early = await eraseNow("Eerder weg");
    await makeDue();
    await runRetention(world.database, world.erasure, silent);
    const noor = await eraseNow("Noor");
    await world.server.sql(`insert into diary_entry (member_id, day, weight) values ('${noor.memberId}', '2026-11-01', 70)`);
    await inContainer("pg_dump", "-U", "postgres", "-Fc", "-f", "/tmp/app.dump", "app");
    await makeDue();
    await runRetention(world.database, world.erasure, silent);
    const { code, output: list, errors } = await erasures(["list"]);
    expect(code, errors).toBe(0);
    expect(list.trim().split("\n")).toHaveLength(2);
    for (const trace of [noor.memberId, noor.uuid, early.memberId, early.uuid]) expect(list).not.toContain(trace);

    await inContainer("createdb", "-U", "postgres", "restored");
    await inContainer("pg_restore", "-U", "postgres", "-d", "restored", "/tmp/app.dump");
    const restored = async (statement: string): Promise<string> => (await world.server.container.exec(["psql", "-U", "postgres", "-d", "restored", "-Atc", statement])).output.trim();
    expect(await restored(`select count(*) from diary_entry where member_id = '${noor.memberId}'`)).toBe("1");

    const replay = await erasures(["replay"], list, { DATABASE_NAME: "restored" });
    expect(replay.code, replay.errors).toBe(0);
    expect(replay.errors).toContain('"listed":2,"erased":1');
    expect(await restored("select id from member")).toBe(sam.memberId);
    expect(await restored("select member_id from diary_entry")).toBe(sam.memberId);
    expect(await restored("select count(*) from erased_person")).toBe("2");
    expect(await restored("select count(*) from access_record")).not.toBe("0");
    for (const trace of [noor.memberId, noor.uuid]) expect(replay.errors + replay.output).not.toContain(trace);

    expect((await erasures(["replay"], list, { DATABASE_NAME: "restored" })).errors).toContain('"listed":2,"erased":0');
  }, 60_000);

  test("with another key nobody is found, so the key must outlive the backups", async () => {
    const { memberId } = await eraseNow("Tess");
    await makeDue();
    const entry = { member: world.erasure.hashes.member(memberId), account: "0".repeat(64), erasedAt: new Date().toISOString() };
    const otherKey = await world.secrets.write("other-key", "k".repeat(64));
    expect((await erasures(["replay"], JSON.stringify(entry), { ERASURE_KEY_FILE: otherKey })).errors).toContain('"erased":0');
    expect((await erasures(["replay"], JSON.stringify(entry))).errors).toContain('"erased":1');
  });

  test("accounts that a restore of the provider brought back are removed there, on every page of its list", async () => {
    world.accounts.users.clear();
    const people = ["a", "b", "c", "d", "e"].map((letter, index) => newPerson(letter, `6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b0${index}`));
    for (const [index, person] of people.entries()) world.accounts.users.set(index + 1, person);
    const [first, , , , last] = people.map(({ uuid }) => uuid);
    const list = [first, last].map((uuid) => JSON.stringify({ member: "0".repeat(64), account: world.erasure.hashes.account(uuid ?? ""), erasedAt: new Date().toISOString() })).join("\n");
    const accountsToken = await world.secrets.write("accounts-token", "token-only-for-this-test");
    const { code, errors } = await erasures(["accounts"], list, { OIDC_ACCOUNTS_API: world.accounts.api, OIDC_ACCOUNTS_TOKEN_FILE: accountsToken });
    expect(code, errors).toBe(0);
    expect(errors).toContain('"removed":2');
    expect([...world.accounts.users.values()].map(({ name }) => name)).toEqual(["b", "c", "d"]);
  });

  test.each<[string, readonly string[], string, NodeJS.ProcessEnv, RegExp]>([
    ["no word", [], "", {}, /^Usage: /],
    ["a list that was cut off", ["replay"], '{"member":"abc', {}, /Line 1 is no entry of an erasure list\. Fix: /],
    ["a list of something else", ["replay"], '{"member":"x","account":"y","erasedAt":"z"}', {}, /Line 1 is no entry/],
    ["no key", ["replay"], "", { ERASURE_KEY_FILE: "" }, /✖ ERASURE_KEY_FILE: is not set\n {2}Fix: /],
    ["no provider", ["accounts"], "", {}, /✖ OIDC_ACCOUNTS_API: is not set\n {2}Fix: /],
    ["a database that isn't there", ["list"], "", { DATABASE_NAME: "nergens" }, /database nergens.*The database does not exist\. Fix: /],
  ])("%s is told with its fix and without a stack trace", async (_what, words, input, change, message) => {
    const { code, errors } = await erasures(words, input, change);
    expect(code).toBe(1);
    expect(errors).toMatch(message);
    expect(errors).not.toContain("    at ");
  });
});
