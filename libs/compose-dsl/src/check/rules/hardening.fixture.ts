import { exec, hostPath, http, image, notBackedUp, override, route, service, to, volume, type HardeningExceptions } from "../../index.ts";
import { controls } from "../../testing/control.fixture.ts";
import { aDatabase, basis, inContainer, jobBasis, place } from "../../testing/platform.fixture.ts";
import { allCapabilities, emptyReason, healthCheck, hostPaths, root, writableRoot } from "./hardening.ts";
import { httpProbe } from "./images.ts";
import { limits, memoryFileSystems, memorySum } from "./limits.ts";
import { unusedWaiver } from "./unused.ts";

const bare = image("bare", "example.org/bare:1");
const socket = hostPath("/var/run/docker.sock", { because: "asks Docker" });
const excepted = (exceptions: HardeningExceptions) => service("web", { ...basis, exceptions });
const web = service("web", { ...basis });
const large = (name: string, memory: "3G" | "6G") => service(name, { ...basis, resources: { memory, cpus: 1 } });

export default [
  ...controls(
    root,
    ["a service runs as root", () => place({ services: [service("web", { ...basis, user: "0:0" })] }), /"web" runs as root/],
    ["root has another group", () => place({ services: [service("web", { ...basis, user: "0:1000" })] }), /"web" runs as root/],
    ["it says why", () => place({ services: [service("web", { ...basis, user: "0:0", exceptions: { "non-root": "reads a folder of root's" } })] })],
    ["it has a user", () => place({ services: [service("web", { ...basis, user: "1000:0" })] })],
  ),
  ...controls(
    writableRoot,
    ["the escape hatch asks for a writable root", () => place({ services: [service("web", { ...basis, compose: { read_only: false } })] }), /writable root file system/],
    ["it says why", () => place({ services: [service("web", { ...basis, compose: { read_only: false }, exceptions: { "read-only-root": "writes beside itself" } })] })],
    ["nobody asks", () => place({ services: [web] })],
  ),
  ...controls(
    allCapabilities,
    ["a service keeps all capabilities", () => place({ services: [service("web", { ...basis, capabilities: ["CAP_ALL"] })] }), /keeps all capabilities/],
    ["a service is privileged", () => place({ services: [service("web", { ...basis, compose: { privileged: true } })] }), /is privileged/],
    ["it keeps one", () => place({ services: [service("web", { ...basis, capabilities: ["NET_BIND_SERVICE"] })] })],
    ["it says why", () => place({ services: [service("web", { ...basis, compose: { privileged: true }, exceptions: { "drop-all-capabilities": "reads the kernel's log" } })] })],
  ),
  ...controls(
    hostPaths,
    ["a service mounts a path of the host", () => place({ services: [service("web", { ...basis, mounts: { "/socket": socket } })] }), /mounts \/var\/run\/docker\.sock/],
    ["it says why", () => place({ services: [service("web", { ...basis, mounts: { "/socket": socket }, exceptions: { "no-host-path": "guards the socket" } })] })],
    ["it mounts a volume", () => place({ services: [service("web", { ...basis, mounts: { "/data": volume("data", { holds: "keys", backup: notBackedUp("test") }) } })] })],
  ),
  ...controls(
    healthCheck,
    ["a service has no health check", () => place({ services: [service("web", { ...jobBasis })] }), /"web" has no health check/],
    ["it says why", () => place({ services: [service("web", { ...jobBasis, exceptions: { "health-check": "its image has no program to ask" } })] })],
    ["it has one", () => place({ services: [web] })],
  ),
  ...controls(
    httpProbe,
    ["a service is checked by http without a probe", () => place({ services: [service("web", { ...basis, image: bare, ports: { http: 80 }, health: http("http", "/") })] }), /its image "bare" names no probe/],
    ["the image has a probe", () => place({ services: [service("web", { ...basis, ports: { http: 80 }, health: http("http", "/") })] })],
    ["the check is a command", () => place({ services: [service("web", { ...basis, image: bare, health: exec(["ask"]) })] })],
  ),
  ...controls(
    emptyReason,
    ["an exception has no reason", () => place({ services: [excepted({ "read-only-root": " " })] }), /exception from "read-only-root" without a reason/],
    ["a path of the host has no reason", () => place({ services: [service("web", { ...basis, mounts: { "/host": hostPath("/etc", { because: "" }) } })] }), /\/host|\/etc/],
    ["a way out has no reason", () => place({ services: [service("web", { ...basis, reachesOutside: "" })] }), /reaches addresses outside without a reason/],
    ["a volume is not backed up, nobody says why", () => place({ services: [service("web", { ...basis, mounts: { "/data": volume("data", { holds: "keys", backup: notBackedUp("") }) } })] }), /volume "data" is not backed up/],
    [
      "a connection has an empty reason",
      () => place({ provides: [inContainer(aDatabase("app"))], services: [service("web", { ...basis, connects: { database: to(aDatabase("app"), { because: "" }) } })] }),
      /"database" of "web" has an empty reason/,
    ],
    [
      "a route is open without a reason",
      () => {
        const api = service("api", { ...basis, ports: { http: 80 } });
        return place({ services: [api], routes: [route(api.ports.http, { host: "@", openBecause: "" })] });
      },
      /"api" is open to everybody/,
    ],
    ["everything has one", () => place({ services: [excepted({ "read-only-root": "writes beside itself" })] })],
  ),
  ...controls(
    unusedWaiver,
    ["a service with a user has an exception for root", () => place({ services: [excepted({ "non-root": "once needed" })] }), /"non-root" which it doesn't need/],
    ["a service without paths of the host has an exception for them", () => place({ services: [excepted({ "no-host-path": "once needed" })] }), /"no-host-path"/],
    ["a service with a health check has an exception for it", () => place({ services: [excepted({ "health-check": "once needed" })] }), /"health-check"/],
    ["the exception is needed", () => place({ services: [service("web", { ...basis, user: "0:0", exceptions: { "non-root": "reads a folder of root's" } })] })],
  ),
  ...controls(
    limits,
    ["the memory is zero", () => place({ services: [service("web", { ...basis, resources: { memory: "0M", cpus: 1 } })] }), /may use 0 bytes of memory/],
    ["the processors are zero", () => place({ services: [service("web", { ...basis, resources: { memory: "64M", cpus: 0 } })] }), /may use 0 processors/],
    ["the processors are more than the host has", () => place({ services: [service("web", { ...basis, resources: { memory: "64M", cpus: 5 } })] }), /5 processors of a host that has 4/],
    ["the processes are none", () => place({ services: [service("web", { ...basis, resources: { memory: "64M", cpus: 1, pids: 0 } })] }), /0 processes/],
    ["an override takes the limit away", () => place({ services: [web], overrides: [override(web, { resources: { memory: "1M", cpus: 1 } })] }), /1048576 bytes/],
    ["every limit is one", () => place({ services: [web] })],
  ),
  ...controls(
    memoryFileSystems,
    ["files in memory are larger than the limit", () => place({ services: [service("web", { ...basis, tmpfs: { "/cache": "64M" } })] }), /80 MiB of files in memory, and may use 64 MiB/],
    ["they fit", () => place({ services: [service("web", { ...basis, tmpfs: { "/cache": "32M" } })] })],
  ),
  ...controls(
    memorySum,
    [
      "the limits add up to more than the host has",
      () => place({ services: [large("a", "3G"), large("b", "6G")] }),
      /^the limits of 3 containers add up to 9,280 MiB, and the host has 8,192 MiB; the largest are b \(6,144 MiB\), a \(3,072 MiB\), traefik \(64 MiB\)$/,
    ],
    ["both colours of a release don't fit", () => place({ services: [{ ...large("a", "6G"), release: { kind: "blue-green", drain: { ms: 1 } } }] }), /a \(12,288 MiB\)/],
    ["they fit", () => place({ services: [large("a", "3G")] })],
  ),
];
