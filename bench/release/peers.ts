/** Other ways of releasing the same image behind the same Traefik, as their users do it: by labels, on a host of their own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { domain } from "@jlam/tests/release-bed/environment";
import { makeHost, type TestHost } from "@jlam/tests/release-bed/host";
import type { Workshop } from "@jlam/tests/release-bed/bed";

/** A way of releasing: what its user types. */
export interface Way {
  readonly name: string;
  /** Brings the first version. */
  readonly begin: (digest: string) => Promise<void>;
  /** Replaces what runs, forwards or back. */
  readonly change: (digest: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

export interface Peers {
  readonly machine: TestHost;
  readonly ways: readonly Way[];
  readonly remove: () => Promise<void>;
}

/** Everything of theirs is in one network. */
const network = "peers";
const project = "peers";
/** Longest that a change may take, in milliseconds. */
const limit = 180_000;

/** Makes the host with Traefik and Redis on it; `rollout` is the path of docker-rollout's script, where there is one. */
export async function makePeers(workshop: Workshop, rollout: string | undefined): Promise<Peers> {
  const machine = await makeHost({ number: 21, registryPort: workshop.registry.port, liveRestore: false });
  const docker = (...args: readonly string[]): Promise<string> => machine.run("docker", args, { timeout: limit });
  const folder = join(machine.folder, "peers");
  mkdirSync(folder);
  try {
    const { secrets, itinerary } = await workshop.delivery(1);
    const image = (name: string): string => itinerary.images.find((reference) => reference.includes(`/${name}:`)) ?? "";
    const secret = (ending: string): string => [...secrets].find(([path]) => path.startsWith("traefik/") && path.endsWith(ending))?.[1] ?? "";
    writeFileSync(join(folder, "certificate.pem"), secret("CERTIFICATE"));
    writeFileSync(join(folder, "key.pem"), secret("KEY"));
    writeFileSync(join(folder, "tls.yaml"), JSON.stringify({ tls: { certificates: [{ certFile: "/peers/certificate.pem", keyFile: "/peers/key.pem" }] } }));
    writeFileSync(join(folder, "password"), "peers");
    writeFileSync(join(folder, "compose.json"), JSON.stringify(composeFile(folder, workshop.application)));
    await docker("swarm", "init", "--advertise-addr", machine.address);
    await docker("network", "create", "--driver", "overlay", "--attachable", network);
    await docker("run", "--detach", "--name", "redis", "--network", network, image("redis"), "redis-server", "--requirepass", "peers");
    await docker(
      ...["run", "--detach", "--name", "traefik", "--user", "0:0", "--network", network, "--publish", "443:8443"],
      ...["--volume", "/run/docker.sock:/var/run/docker.sock", "--volume", `${folder}:/peers:ro`, image("traefik")],
      ...["--entrypoints.websecure.address=:8443", "--entrypoints.websecure.http.tls=true", "--providers.file.filename=/peers/tls.yaml"],
      ...["--providers.docker.exposedbydefault=false", `--providers.docker.network=${network}`],
      // A second instead of the usual fifteen, in Swarm's favour.
      ...["--providers.swarm.exposedbydefault=false", `--providers.swarm.network=${network}`, "--providers.swarm.refreshseconds=1"],
    );
    return { machine, ways: waysOn({ machine, docker, folder, application: workshop.application, rollout }), remove: machine.remove };
  } catch (error) {
    await machine.remove();
    throw error;
  }
}

const labels = { "traefik.enable": "true", "traefik.http.routers.app.rule": `Host(\`${domain}\`)`, "traefik.http.routers.app.entrypoints": "websecure", "traefik.http.services.app.loadbalancer.server.port": "3000" };
const settings = { ORDERS_HOST: "redis", ORDERS_PORT: "6379", ORDERS_USER: "default", ORDERS_PASSWORD_FILE: "/password", HTTP_PORT: "3000", METRICS_PORT: "9464" };
const probe = ["node", "/app/probe.js", "http://127.0.0.1:3000/health"] as const;

/** What a user of Compose has, with a health check and a grace to stop in. JSON is YAML, which Compose reads. */
const composeFile = (folder: string, application: string): unknown => ({
  name: project,
  services: {
    app: {
      image: `${application}@\${DIGEST}`,
      environment: settings,
      labels,
      volumes: [`${folder}/password:/password:ro`],
      networks: [network],
      healthcheck: { test: ["CMD", ...probe], interval: "1s", start_period: "5s", start_interval: "1s" },
      stop_grace_period: "10s",
    },
  },
  networks: { [network]: { external: true } },
});

interface Place {
  readonly machine: TestHost;
  readonly docker: (...args: readonly string[]) => Promise<string>;
  readonly folder: string;
  /** Repository of the image. */
  readonly application: string;
  readonly rollout: string | undefined;
}

function waysOn({ machine, docker, folder, application, rollout }: Place): readonly Way[] {
  const file = join(folder, "compose.json");
  const withDigest = async (digest: string, command: string): Promise<void> => void (await machine.run("sh", ["-c", `DIGEST=${digest} ${command}`], { timeout: limit }));
  const up = (digest: string): Promise<void> => withDigest(digest, `docker compose --file ${file} up --detach --wait`);
  const down = (): Promise<void> => withDigest("sha256:none", `docker compose --file ${file} down`);
  const ways: Way[] = [
    { name: "docker compose up -d", begin: up, change: up, end: down },
    {
      name: "Swarm rolling update, start-first",
      begin: async (digest) => {
        await docker(
          ...["service", "create", "--name", "app", "--no-resolve-image", "--network", network, "--endpoint-mode", "dnsrr"],
          ...["--update-order", "start-first", "--rollback-order", "start-first", "--stop-grace-period", "10s"],
          ...["--health-cmd", probe.join(" "), "--health-interval", "1s", "--health-start-period", "5s", "--health-start-interval", "1s"],
          ...["--mount", `type=bind,source=${folder}/password,target=/password,readonly`],
          ...Object.entries(settings).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
          ...Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]),
          `${application}@${digest}`,
        );
      },
      change: async (digest) => void (await docker("service", "update", "--no-resolve-image", "--image", `${application}@${digest}`, "app")),
      end: async () => {
        await docker("service", "rm", "app");
        // Its task lets go of the network a little later.
        await sleep(12_000);
      },
    },
  ];
  if (rollout !== undefined) ways.push({ name: "docker-rollout", begin: up, change: (digest) => withDigest(digest, `sh ${rollout} rollout --file ${file} app`), end: down });
  return ways;
}
