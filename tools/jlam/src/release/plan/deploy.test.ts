import { describe, expect, test } from "vitest";
import { platform, releaseOf, steps, type Facts } from "../platform.fixture.ts";
import { planDeploy } from "./deploy.ts";
import { isSealed, type Plan, type PlannedAction } from "./plan.ts";
import { planInWords } from "./words.ts";

const first = releaseOf();

/** The plan from the platform as it stands to one with these facts, of the same program. */
const planOf = (facts: Facts, accept?: readonly string[]): Plan => planDeploy({ environment: "production", from: first, to: releaseOf(facts), ...(accept && { accept }) });
const planVersion = (options: Parameters<typeof releaseOf>[1]): Plan => planDeploy({ environment: "production", from: first, to: releaseOf({}, options) });
const inShort = ({ actions }: Plan): readonly string[] => actions.map(({ kind, subject }) => `${kind} ${subject}`);
const action = (plan: Plan, subject: string): PlannedAction | undefined => plan.actions.find((each) => each.subject === subject);

describe("a plan", () => {
  test("of the release that runs does nothing", () => {
    expect(planOf({})).toMatchObject({ actions: [], blockers: [], risk: "none" });
  });

  test("is the same for the same input, and says so by its hash", () => {
    const plan = planVersion({ version: "2" });
    expect(planVersion({ version: "2" })).toEqual(plan);
    expect(isSealed(plan)).toBe(true);
    expect(isSealed({ ...plan, risk: "none" })).toBe(false);
    expect(planVersion({ version: "3" }).hash).not.toBe(plan.hash);
  });

  test("for an environment that the release doesn't know is refused", () => {
    expect(() => planDeploy({ environment: "elsewhere", from: undefined, to: first })).toThrow("the release has nothing for elsewhere");
  });

  test("of a new program runs its job and switches the site, and nobody waits", () => {
    const plan = planVersion({ version: "2" });
    expect(inShort(plan)).toEqual(["run web-migrate", "blue-green web"]);
    expect(action(plan, "web")).toMatchObject({ interruptionMs: 0, risk: "low", routes: ["https://example.nl/"], data: ["medical-data"], because: [expect.stringContaining("image registry.example/web:release@")] });
    expect(plan.blockers).toEqual([]);
  });

  test("of a changed setting says which one", () => {
    expect(action(planOf({ level: "debug" }), "web")?.because).toEqual(["settings LOG_LEVEL changed"]);
  });

  test("of new steps of a schema migrates first, at high risk, and names them", () => {
    const plan = planVersion({ version: "2", schema: steps(3) });
    expect(inShort(plan)).toEqual(["migrate web-migrate", "blue-green web"]);
    expect(action(plan, "web-migrate")).toMatchObject({ risk: "high", data: ["postgres-app"], because: ["step 3 (step-3) adds to the schema of postgres-app"] });
  });

  test("of a contract step holds it back", () => {
    expect(action(planVersion({ version: "2", schema: steps(3, 3) }), "web-migrate")).toMatchObject({ kind: "run", because: [expect.any(String), "step 3 (step-3) waits: the release before it may still need what it takes away"] });
  });

  test("of the release after that takes away what waited, and says that nobody needs it, once", () => {
    const [waited, next] = [releaseOf({}, { version: "2", schema: steps(3, 3) }), releaseOf({}, { version: "3", schema: steps(3, 3) })];
    const plan = planDeploy({ environment: "production", from: waited, to: next });
    expect(action(plan, "web-migrate")).toMatchObject({ kind: "migrate", risk: "high", because: ["step 3 (step-3) takes away from the schema of postgres-app, which the release that a rollback returns to doesn't need"] });
    const after = planDeploy({ environment: "production", from: waited, to: next, applied: { web: steps(3, 3).slice(2) } });
    expect(action(after, "web-migrate")).toMatchObject({ kind: "run", risk: "low" });
  });

  test("of the same release again still says that a step which waited is taken", () => {
    const waited = releaseOf({}, { version: "2", schema: steps(3, 3) });
    expect(inShort(planDeploy({ environment: "production", from: waited, to: waited }))).toEqual(["migrate web-migrate"]);
    expect(planDeploy({ environment: "production", from: waited, to: waited, applied: { web: steps(3, 3).slice(2) } }).actions).toEqual([]);
  });

  test("of a first deploy starts everything, and nothing of it is lost protection", () => {
    const plan = planDeploy({ environment: "production", from: undefined, to: releaseOf({ writableRoot: "the program writes there" }) });
    expect(plan.blockers).toEqual([]);
    expect(inShort(plan)).toEqual(expect.arrayContaining(["create volume sessions", "migrate web-migrate", "start redis-sessions", "start web", "start traefik"]));
    expect(inShort(plan).indexOf("migrate web-migrate")).toBeLessThan(inShort(plan).indexOf("start web"));
  });

  test("of a new service starts it, makes its network and takes up its route", () => {
    expect(inShort(planOf({ extra: true }))).toEqual(expect.arrayContaining(["create network traefik--extra", "start extra", "reload routing"]));
  });

  test("of a new route on a site that runs reloads the routing and nothing else", () => {
    expect(inShort(planOf({ extraRoute: true }))).toEqual(["reload routing"]);
  });

  test("of a changed middleware touches every address", () => {
    expect(action(planOf({ rateLimit: 10 }), "routing")).toMatchObject({ kind: "reload", routes: ["https://example.nl/"], interruptionMs: 0, risk: "medium" });
  });

  test("of a file that the proxy watches reloads it, and of one that it reads once makes it anew", () => {
    expect(action(planOf({ watched: "VersionTLS13" }), "traefik")).toMatchObject({ kind: "reload", interruptionMs: 0 });
    expect(action(planOf({ readOnce: "log: { level: DEBUG }\n" }), "traefik")).toMatchObject({ kind: "recreate", routes: ["https://example.nl/"], interruptionMs: 25_000, risk: "medium" });
  });

  test("of a service that is gone says that its address stops to answer", () => {
    const plan = planDeploy({ environment: "production", from: releaseOf({ extra: true }), to: first });
    expect(inShort(plan)).toEqual(expect.arrayContaining(["remove extra", "remove network traefik--extra"]));
    expect(plan.actions.find(({ subject }) => subject.startsWith("route "))?.routes).toEqual(["https://extra.example.nl/ok"]);
  });
});

describe("a plan is blocked", () => {
  test("where a service with a volume would be made anew, and touches who needs it", () => {
    const plan = planOf({ storeResources: { memory: "128M", cpus: 0.5 } });
    expect(plan.blockers).toMatchObject([{ code: "stateful-recreate", subject: "redis-sessions", fix: expect.stringContaining("--accept stateful-recreate:redis-sessions") }]);
    expect(action(plan, "redis-sessions")).toMatchObject({ kind: "recreate", risk: "high", routes: ["https://example.nl/"], interruptionMs: 20_000, data: ["session-data"] });
  });

  test("where a hardening option is lost", () => {
    expect(planOf({ writableRoot: "the program writes there" }).blockers).toMatchObject([{ code: "lost-protection", subject: "web", message: "web has a writable root file system" }]);
  });

  test("unless that very thing is accepted, which changes the plan that must be approved", () => {
    const facts = { writableRoot: "the program writes there" };
    const accepted = planOf(facts, ["lost-protection:web"]);
    expect(accepted).toMatchObject({ blockers: [], accepted: [{ code: "lost-protection" }] });
    expect(accepted.hash).not.toBe(planOf(facts).hash);
    expect(planOf(facts, ["lost-protection:traefik"]).blockers).toHaveLength(1);
  });
});

test("a plan in words has each action with its reason, its cost and its addresses, then what blocks it, and its hash", () => {
  const plan = planDeploy({ environment: "production", from: first, to: releaseOf({ storeResources: { memory: "128M", cpus: 0.5 } }, { version: "2" }) });
  const words = planInWords(plan).join("\n").replaceAll(/sha256:[0-9a-f]{64}/g, "sha256:…").replaceAll(/\b[0-9a-f]{12}\b/g, "‹id›");
  expect(words).toMatchInlineSnapshot(`
    "production: ‹id› → ‹id›, risk high

    1. run web-migrate (risk low; nobody waits)
       because image registry.example/web:release@sha256:… → registry.example/web:release@sha256:…
       touches no address

    2. recreate redis-sessions (risk high; away for at most about 20 s)
       because limits cpus changed
       because limits memory changed
       touches https://example.nl/; data: session-data

    3. switch web (risk low; nobody waits)
       because image registry.example/web:release@sha256:… → registry.example/web:release@sha256:…
       touches https://example.nl/; data: medical-data

    Blocked
      ✖ redis-sessions keeps data in sessions and would be stopped and made anew: limits cpus changed, limits memory changed
        Take a backup set, choose a quiet moment, and accept it: --accept stateful-recreate:redis-sessions

    plan sha256:…"
  `);
});

test("the fixture's platform is released, or these tests would compare nothing", () => {
  expect(platform().services.get("web")?.node.release.kind).toBe("blue-green");
  expect(first.files.has("switch/green/web.yaml")).toBe(true);
});
