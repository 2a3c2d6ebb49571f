import { image, job, service, stack, to, type ServiceNode } from "../../index.ts";
import { controls } from "../../testing/control.fixture.ts";
import { aDatabase, alive, basis, inContainer, jobBasis, place } from "../../testing/platform.fixture.ts";
import { providedTwice } from "./names.ts";
import { undefinedReference, unusedProvider } from "./references.ts";
import { dependencyCycle, healthyWithoutCheck, includeCycle, startOrder, unawaitedJob } from "./start-order.ts";

const healthOf = (name: string) => ({ kind: "service-healthy", service: name }) as const;
const completionOf = (name: string) => ({ kind: "job-completed", service: name }) as const;
const after = (name: string, ...others: readonly string[]): ServiceNode => service(name, { ...basis, startsAfter: others.map(healthOf) });

const database = aDatabase("app");
const sleeper = service("sleeper", { ...jobBasis });
const rare = service("rare", { ...basis, image: image("rare", "example.org/rare:1", { registryOnly: true }), ports: { http: 80 } });
const prepare = job("prepare", { ...jobBasis });

const ofOtherStack = stack("other", { services: [after("late", "early")] });

export default [
  ...controls(
    undefinedReference,
    [
      "a setting names a secret that is not declared",
      () => place({ services: [{ ...service("web", { ...basis, secrets: {} }), settings: { KEY_FILE: { kind: "secret-file", secret: "KEY", prefix: "" } } }] }),
      /KEY_FILE refers to the secret "KEY", which "web" doesn't declare/,
    ],
    [
      "a health check names a port that is not declared, and tells the nearest",
      () => place({ services: [{ ...service("web", { ...basis, ports: { http: 80 } }), metrics: { kind: "scrape", port: "htp", path: "/", interval: { ms: 1000 } } }] }),
      /port "htp".*Did you mean "http"\?/,
    ],
    [
      "a setting names a connection that is not declared",
      () => place({ services: [{ ...service("web", { ...basis }), settings: { HOST: { kind: "connection", connection: "database", part: "host", prefix: "" } } }] }),
      /the connection "database"/,
    ],
    ["a service without ports publishes one", () => place({ services: [service("web", { ...basis, publishes: { https: 443 } })] }), /publishes refers to the port "https"/],
    ["a service starts after one of a stack that isn't there", () => place({ services: [after("web", "gone")] }), /starts after "gone", which no stack/],
    [
      "a service starts after a resource that nothing provides",
      () => place({ services: [service("web", { ...basis, startsAfter: [database.healthy] })] }),
      /starts after the resource "postgres-app"/,
    ],
    [
      "a connection leads to a port that the service of this name doesn't have here",
      () => {
        const former = service("api", { ...basis, ports: { rest: 1 } });
        return place({ services: [service("api", { ...basis, ports: { http: 1 } }), service("web", { ...basis, connects: { api: former.ports.rest } })] });
      },
      /leads to the port "rest" \(1\) of "api"/,
    ],
    ["all that is referred to is declared", () => place({ services: [after("web", "api"), after("api")], provides: [inContainer(database)] })],
  ),
  ...controls(
    healthyWithoutCheck,
    ["a service waits for the health of one without a check", () => place({ services: [after("web", "sleeper"), sleeper] }), /"sleeper", which has no health check/],
    ["a service waits for the health of a job", () => place({ services: [after("web", "prepare"), prepare] }), /health of "prepare"/],
    ["the awaited service has a check", () => place({ services: [after("web", "api"), after("api")] })],
  ),
  ...controls(
    dependencyCycle,
    ["three services wait for each other", () => place({ services: [after("c", "a"), after("a", "b"), after("b", "c")] }), /a → b → c → a/],
    [
      "a job waits for a service that waits for the job",
      () => place({ services: [after("database", "init"), job("init", { ...jobBasis, startsAfter: [healthOf("database")] })] }),
      /database → init → database/,
    ],
    [
      "a diamond of services ends at one",
      () => place({ services: [after("a", "b", "c"), after("b", "d"), after("c", "d"), after("d")] }),
    ],
  ),
  ...controls(
    startOrder,
    ["a service waits until another has completed that runs for ever", () => place({ services: [service("web", { ...basis, startsAfter: [completionOf("api")] }), after("api")] }), /"api" has completed, which is a service/],
    ["a service waits for one that may be left out", () => place({ services: [rare, service("web", { ...basis, connects: { rare: rare.ports.http } })] }), /"rare", which is left out/],
    ["a service only connects to one that may be left out", () => place({ services: [rare, service("web", { ...basis, connects: { rare: to(rare.ports.http, { wait: false }) } })] })],
    ["a job is waited for", () => place({ services: [prepare, service("web", { ...basis, startsAfter: [prepare.completed] })] })],
  ),
  ...controls(
    unawaitedJob,
    ["nobody waits for a job", () => place({ services: [prepare] }), /nobody waits for the job "prepare"/],
    ["a service waits for it", () => place({ services: [prepare, service("web", { ...basis, startsAfter: [prepare.completed] })] })],
  ),
  ...controls(
    includeCycle,
    ["two stacks wait for each other", () => place({ services: [after("early"), after("last", "late")], more: [ofOtherStack] }), /app → other → app/],
    ["one stack waits for another", () => place({ services: [after("early")], more: [ofOtherStack] })],
  ),
  ...controls(
    providedTwice,
    ["two providers give the same resource", () => place({ provides: [inContainer(database), inContainer(database)] }), /postgres "app" is provided twice/],
    ["each gives another", () => place({ provides: [inContainer(database), inContainer(aDatabase("auth"))] })],
  ),
  ...controls(
    unusedProvider,
    ["no service connects to what is provided", () => place({ provides: [inContainer(database)] }), /no service connects to it/],
    ["a service connects to it", () => place({ provides: [inContainer(database)], services: [service("web", { ...basis, health: alive, connects: { database } })] })],
  ),
];
