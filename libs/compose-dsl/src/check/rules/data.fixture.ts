import { backedUp, blueGreen, build, coveredBy, image, lockedImages, middleware, notBackedUp, recreate, route, service, stack, volume, withinMajor, type ServiceNode, type Volume } from "../../index.ts";
import { controls } from "../../testing/control.fixture.ts";
import { aDatabase, basis, inContainer, jobBasis, place, program } from "../../testing/platform.fixture.ts";
import { coveredByMissing, dataDecision, sharedVolume, volumeClash } from "./data.ts";
import { modelWins, newerKey, refusedLabel } from "./escape-hatch.ts";
import { imageClash, imageDigest, imageLock, imageTag } from "./images.ts";
import { blueGreenRule, drainBudget, objectiveRange, upgradeVersion } from "./releases.ts";

const database = aDatabase("app");
const files = volume("files", { holds: "medical-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "1h" }) });
const mounting = (name: string, mounted: Volume): ServiceNode => service(name, { ...basis, mounts: { "/data": mounted } });
/** As from JavaScript: without what the compiler asks for. */
const without = (key: "holds" | "backup"): Volume => {
  const copy = { ...files };
  Reflect.deleteProperty(copy, key);
  return copy;
};

const web = service("web", { ...basis, ports: { http: 80 }, release: blueGreen({ drain: "20s" }) });
const toWeb = route(web.ports.http, { host: "@" });
const digest = `sha256:${"0123456789abcdef".repeat(4)}` as const;
const locked = (lock: Readonly<Record<string, string>>) => ({ images: lockedImages({ registry: "registry.example.org/jlam", lock }) });
const ofCompose = (compose: ServiceNode["compose"]) => () => place({ services: [service("web", { ...basis, compose })] });

export default [
  ...controls(
    dataDecision,
    ["a volume has no class", () => place({ services: [mounting("web", without("holds"))] }), /the volume "files" doesn't say what data it holds/],
    ["a volume has no backup decision", () => place({ services: [mounting("web", without("backup"))] }), /the volume "files" has no backup decision/],
    ["both are said", () => place({ services: [mounting("web", files)] })],
  ),
  ...controls(
    coveredByMissing,
    ["a volume is covered by a resource that nothing provides", () => place({ services: [mounting("web", { ...files, backup: coveredBy({ kind: "postgres", name: "ap" }) })], provides: [inContainer(database)] }), /through the resource "postgres-ap".*Did you mean "postgres-app"\?/],
    ["the resource is provided", () => place({ services: [mounting("web", { ...files, backup: coveredBy(database) })], provides: [inContainer(database)] })],
  ),
  ...controls(
    volumeClash,
    [
      "two volumes of one name hold different data",
      () => place({ services: [mounting("a", files), mounting("b", volume("files", { holds: "keys", backup: notBackedUp("test") }))] }),
      /two volumes are called "files"/,
    ],
    ["one volume is mounted twice", () => place({ services: [mounting("a", files), mounting("b", files)] })],
    ["a stack that looks around declares it anew", () => place({ services: [mounting("a", files), mounting("b", { ...files })] })],
  ),
  ...controls(
    sharedVolume,
    ["two stacks mount one volume", () => place({ services: [mounting("a", files)], more: [stack("other", { services: [mounting("b", files)] })] }), /mounted in the stacks "app" \(a\) and "other" \(b\)/],
    ["two services of one stack mount it", () => place({ services: [mounting("a", files), mounting("b", files)] })],
  ),
  ...controls(
    imageTag,
    ["an image is the latest", () => place({ services: [service("web", { ...basis, image: image("web", "example.org/web:latest") })] }), /example\.org\/web:latest/],
    [
      "an image of ours is built on the latest",
      () => place({ services: [service("web", { ...basis, image: build("web", { folder: "apps/web", base: image("node", "node:latest") }) })] }),
      /node:latest/,
    ],
    ["it has a version", () => place({ services: [service("web", { ...basis, image: program })] })],
  ),
  ...controls(
    imageClash,
    ["one name means two images", () => place({ services: [service("web", { ...basis, image: image("tool", "docker.io/library/tool:2.0") })] }), /"tool" means docker\.io\/library\/tool:2\.0 in "web" and docker\.io\/library\/tool:1\.0 in "traefik"/],
    ["it means the same twice", () => place({ services: [service("web", { ...basis, image: image("tool", "docker.io/library/tool:1.0") })] })],
  ),
  ...controls(
    imageDigest,
    ["the lock holds something else", () => place(locked({ "docker.io/library/tool:1.0": "sha256:abc" })), /the lock says "sha256:abc"/],
    ["it holds digests", () => place(locked({ "docker.io/library/tool:1.0": digest }))],
  ),
  ...controls(
    imageLock,
    ["an image of staging is not locked", () => place(locked({})), /docker\.io\/library\/tool:1\.0 of traefik is not locked/],
    ["an image of ours is not locked", () => place({ ...locked({ "docker.io/library/tool:1.0": digest }), services: [service("web", { ...basis, image: program })] }), /registry\.example\.org\/jlam\/program/],
    ["all are locked", () => place(locked({ "docker.io/library/tool:1.0": digest }))],
    ["images may be replaced", () => place({})],
  ),
  ...controls(
    blueGreenRule,
    ["it has no health check", () => place({ services: [service("web", { ...jobBasis, ports: { http: 80 }, release: blueGreen({ drain: "20s" }) })], routes: [toWeb] }), /but has no health check/],
    ["it has a volume", () => place({ services: [{ ...web, mounts: { "/data": files } }], routes: [toWeb] }), /both colours would write to its volume files/],
    ["it publishes a port of the host", () => place({ services: [{ ...web, publishes: { http: 8080 } }], routes: [toWeb] }), /only one colour can have the host's port/],
    ["no route leads to it", () => place({ services: [web] }), /nothing to switch/],
    ["it can be switched", () => place({ services: [web], routes: [toWeb] })],
    ["it is replaced", () => place({ services: [{ ...web, release: recreate }] })],
  ),
  ...controls(
    drainBudget,
    ["the program closes idle connections before the proxy does", () => place({ services: [{ ...web, release: blueGreen({ drain: "20s", keepAlive: "5s" }) }], routes: [toWeb] }), /closes idle connections after 5 s, and the proxy keeps them for 90 s/],
    ["it counts what it works on, and shows nobody", () => place({ services: [{ ...web, release: blueGreen({ drain: "20s", inFlight: "requests" }) }], routes: [toWeb] }), /has no metrics/],
    ["its streams are kept for longer than a release may take", () => place({ services: [{ ...web, release: blueGreen({ drain: "11m", endStreams: "SIGUSR2" }) }], routes: [toWeb] }), /may drain for 660 s/],
    ["it has no time to end what is open", () => place({ services: [{ ...web, stopGrace: { ms: 1000 } }], routes: [toWeb] }), /must stop within 1 s/],
    ["it keeps idle connections longer than the proxy", () => place({ services: [{ ...web, release: blueGreen({ drain: "20s", keepAlive: "100s" }) }], routes: [toWeb] })],
    ["it is replaced, however long it keeps connections", () => place({ services: [{ ...web, release: recreate, stopGrace: { ms: 1000 } }] })],
  ),
  ...controls(
    objectiveRange,
    ["it promises never to fail", () => place({ services: [service("web", { ...basis, objectives: { availability: 1 } })] }), /promises an availability of 1/],
    ["it promises percents", () => place({ services: [service("web", { ...basis, objectives: { availability: 99.9 } })] }), /99\.9/],
    ["it promises a ratio", () => place({ services: [service("web", { ...basis, objectives: { availability: 0.999 } })] })],
  ),
  ...controls(
    upgradeVersion,
    ["the tag of its image is no version", () => place({ services: [service("db", { ...basis, image: image("db", "db:edge-17"), upgrades: withinMajor("Db") })] }), /"db" says how versions of Db follow each other, and its image names none/],
    ["its image is built here", () => place({ services: [service("db", { ...basis, image: program, upgrades: withinMajor("Db") })] }), /its image names none/],
    ["the tag begins with the version", () => place({ services: [service("db", { ...basis, image: image("db", "db:17.7-bookworm"), upgrades: withinMajor("Db") })] })],
  ),
  ...controls(
    modelWins,
    ["the escape hatch says what the model says", ofCompose({ image: "other" }), /compose\.image, for which the model has a word/],
    ["it says what the model could say", ofCompose({ cap_add: ["NET_ADMIN"] }), /compose\.cap_add/],
    ["it limits resources in the words of Compose", ofCompose({ deploy: { resources: { limits: { memory: "1G" } } } }), /compose\.deploy\.resources\.limits/],
    ["it writes one of our labels", ofCompose({ labels: { "nl.jlam.owner": "somebody" } }), /compose\.labels\.nl\.jlam\.owner/],
    [
      "it writes a label of a route",
      () => {
        const api = service("api", { ...basis, ports: { http: 80 }, compose: { labels: ["traefik.http.routers.api.rule=Host(`x`)"] } });
        return place({ services: [api], routes: [route(api.ports.http, { host: "@" })] });
      },
      /compose\.labels\.traefik\.http\.routers\.api\.rule/,
    ],
    ["it says what only Compose can", ofCompose({ deploy: { replicas: 2 }, labels: { "org.example.team": "web" }, init: true, sysctls: { "net.core.somaxconn": 1024 } })],
  ),
  ...controls(
    newerKey,
    ["a key is newer than the oldest Compose", ofCompose({ gpus: "all" }), /compose\.gpus, which Compose reads since 2\.30\.0/],
    ["it knows them all", ofCompose({ init: true })],
  ),
  ...controls(
    refusedLabel,
    ["Traefik no longer reads a label", ofCompose({ labels: { "traefik.http.middlewares.a.ipwhitelist.sourcerange": "10.0.0.0/8" } }), /ipwhitelist\.sourcerange of "web"/],
    ["Traefik never read a label of a list", ofCompose({ labels: ["traefik.port=80"] }), /traefik\.port of "web": Traefik ignores/],
    [
      "a middleware from plain JavaScript has a key that is gone",
      () => {
        const configuration = { headers: { frameDeny: true } };
        Object.assign(configuration.headers, { sslRedirect: true });
        return place({ services: [web], routes: [route(web.ports.http, { host: "@", middlewares: [middleware("secure", configuration)] })] });
      },
      /"secure" says traefik\.http\.middlewares\.secure\.headers\.sslRedirect: Traefik no longer wants this key since 3\.0/,
    ],
    ["labels are of others", ofCompose({ labels: { "org.example.team": "web" } })],
  ),
];
