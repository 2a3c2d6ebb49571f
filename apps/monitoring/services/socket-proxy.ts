/** The Collector's own way to Docker: lists, facts and statistics of containers, and nothing else. */
import { exec, hostPath, image, service } from "@jlam/compose-dsl";
import type { Budget } from "./budget.ts";
import { operations } from "./shared.ts";

const port = 2375;

export const statisticsProxy = (budget: Budget) =>
  service("statistics-socket-proxy", {
    ...operations,
    image: image("socket-proxy", "docker.io/wollomatic/socket-proxy:1.13.1"),
    user: "0:0",
    command: [
      "-listenip=0.0.0.0",
      `-proxyport=${port}`,
      "-allowfrom=0.0.0.0/0",
      "-allowhealthcheck",
      "-allowHEAD=/_ping",
      // What the docker_stats receiver asks. The facts of a container hold its restarts; they hold no secret, since those are files.
      "-allowGET=/(_ping|v1\\.[0-9]+/(version|info|events|containers/json|containers/[0-9a-f]+/(json|stats)))",
      "-watchdoginterval=60",
      "-stoponwatchdog",
    ],
    ports: { docker: port },
    health: exec(["/healthcheck"], { interval: "30s" }),
    mounts: { "/var/run/docker.sock": hostPath("/var/run/docker.sock", { because: "the only way to ask Docker what containers use" }) },
    exceptions: {
      "non-root": "the socket belongs to root and a group whose number differs between hosts",
      "no-host-path": "the Docker socket is what it guards",
    },
    resources: budget.socketProxy,
  });
