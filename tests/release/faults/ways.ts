/** Faults between deployer, host and visitors: SSH that is cut or slow, a proxy that dies, is mute or is given rubbish. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { at, countedConnections, deployed, doorClosed, onHost, type Fault, type Scene } from "./fault.ts";

/** Ends the connections of the deployer, and nothing else: sshd itself goes on. */
const cutSsh = "pkill -f 'sshd: [r]oot'";

/** Brings the version while connections are cut whenever one of the steps begins. */
async function whileCut(scene: Scene, steps: readonly string[]): ReturnType<Fault["bring"]> {
  const { open, count } = countedConnections(scene);
  const still = new Set(steps);
  return await deployed(scene, {
    manner: {
      open,
      witness: { began: (step) => (still.delete(step) ? onHost(scene, cutSsh) : undefined), at: () => undefined, ended: () => undefined },
    },
    seen: () => `connected ${count()} times`,
  });
}

/** Lets the connections of the deployer stand still for nine tenths of the time, until `file` is gone; counts that in `counter`. */
const slowSsh = (file: string, counter: string): string =>
  `touch ${file}; nohup sh -c 'while [ -f ${file} ]; do pkill -STOP -f "sshd: [r]oot" && echo >>${counter}; sleep 0.45; pkill -CONT -f "sshd: [r]oot"; sleep 0.05; done' >/dev/null 2>&1 &`;

/** The entry point on which the edge answers the host alone, and its metrics'. */
const ports = { api: 8085, metrics: 8084 } as const;
const mute = (scene: Scene, port: number): void => onHost(scene, `iptables -I OUTPUT -p tcp --dport ${port} -j DROP`);
const heard = (scene: Scene, port: number): void => onHost(scene, `iptables -D OUTPUT -p tcp --dport ${port} -j DROP`);

export const wayFaults: readonly Fault[] = [
  { name: "the SSH connection is cut", bring: (scene) => whileCut(scene, ["healthy"]), ends: "finished", says: /connected 2 times/, serves: "new" },
  { name: "the SSH connection is cut again and again", bring: (scene) => whileCut(scene, ["pull", "start", "confirm"]), ends: "finished", says: /connected 4 times/, serves: "new" },
  {
    name: "the SSH connection is slow",
    async bring(scene) {
      const { folder } = scene.host.machine;
      const [file, counter] = [join(folder, "slow"), join(folder, "stood-still")];
      try {
        return await deployed(scene, {
          manner: at("preflight", "began", () => onHost(scene, slowSsh(file, counter))),
          seen: () => `stood still ${readFileSync(counter, "utf8").length} times for 0.45 s`,
        });
      } finally {
        onHost(scene, `rm -f ${file}; sleep 1; pkill -CONT -f "sshd: [r]oot" || true`);
      }
    },
    ends: "finished",
    says: /stood still [1-9]\d+ times/,
    serves: "new",
  },
  {
    name: "the proxy is killed right after the switch",
    async bring(scene) {
      const { machine } = scene.host;
      const pid = (): Promise<string> => machine.run("docker", ["inspect", "--format", "{{.State.Pid}}", "jlam-bed-traefik-1"]);
      const before = (await pid()).trim();
      const outcome = await deployed(scene, { manner: at("switch", "ended", () => onHost(scene, `kill -9 ${before}`)) });
      return { ...outcome, told: `${outcome.told}\n${(await pid()).trim() === before ? "the proxy is the same" : "the proxy is another process"}` };
    },
    ends: "finished",
    says: /the proxy is another process/,
    serves: "new",
    // It is the only door: who comes while it is down finds it closed.
    visitors: doorClosed,
  },
  {
    name: "the proxy's API is mute after the switch",
    bring: (scene) => deployed(scene, { manner: { ...at("switch", "ended", () => mute(scene, ports.api)), confirmWithin: 6000 } }).finally(() => heard(scene, ports.api)),
    ends: "held",
    says: /leading visitors back to [0-9a-f]+ didn't succeed.*Because The proxy did not confirm/s,
    serves: "old",
  },
  {
    name: "somebody puts a corrupt file into the proxy's directory",
    bring: (scene) => deployed(scene, { manner: { ...at("healthy", "ended", () => onHost(scene, "printf 'http: [\\n' > /srv/jlam/bed/live/files/traefik/etc/traefik/dynamic/broken.yaml")), confirmWithin: 6000 } }),
    ends: "reverted",
    says: /Because of smoke: The proxy did not confirm/,
    serves: "old",
  },
  {
    name: "the proxy's metrics are mute while it is watched",
    bring: (scene) => deployed(scene, { manner: at("drain", "ended", () => mute(scene, ports.metrics)) }).finally(() => heard(scene, ports.metrics)),
    ends: "held",
    says: /waits at watch.*Because .*(no answer|does not answer|timed out)/s,
    serves: "new",
  },
];
