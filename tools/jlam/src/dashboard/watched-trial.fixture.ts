/** An environment of three containers for tests of what shows one: a program that writes lines, a job, and a real Prometheus with an alert and a budget. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { recipeBuilder } from "../images/build.ts";
import { readRecipes } from "../images/recipe.ts";
import { ensureEngine } from "../machine/engine.ts";
import { makeTrial, type Trial } from "../runtime/trial.fixture.ts";
import { repositoryRoot } from "../synth/platform.ts";

/** What a line of the shop tries: a page that took it for markup would run it. */
export const hostile = '<img src=x onerror="document.title=1">';

const declaration = (name: string): string => `
import { environment, exec, image, job, jsonLines, localAuthority, replaceableImages, service, stack } from "@jlam/compose-dsl";

const basis = { owner: "tests", resources: { memory: "64M", cpus: 0.5 } };
const shop = service("shop", { ...basis, image: image("shop", "shop:1"), health: exec(["true"]), logs: jsonLines({ level: "level", message: "msg" }), objectives: { availability: 0.999 } });
const prepare = job("prepare", { ...basis, image: image("shop", "shop:1") });
const prometheus = service("prometheus", { ...basis, image: image("prometheus", "prometheus:1"), ports: { http: 9090 }, health: exec(["true"]) });

export default environment(${JSON.stringify(name)}, {
  domain: "jlam.localhost",
  host: { memory: "1G", cpus: 1 },
  range: "10.224.0.0/12",
  publishing: { address: "127.0.0.1", http: 12_080, https: 12_443 },
  stacks: [stack("shop", { services: [shop, prepare, prometheus] })],
  provides: [],
  certificates: localAuthority(),
  images: replaceableImages,
});
`;

const rules = {
  groups: [
    {
      name: "trial",
      interval: "1s",
      rules: [
        { record: "slo:sli_error:ratio_rate30d", expr: "vector(0.00025)", labels: { slo: "availability", service: "shop" } },
        { alert: "WebsiteDown", expr: "vector(1)", labels: { severity: "P1", service: "shop" }, annotations: { summary: "https://jlam.localhost/ doesn't answer as it should" } },
        { alert: "UpdateAvailable", expr: "vector(1)", labels: { severity: "P3" }, annotations: { summary: "a newer image" } },
        { alert: "DeadMansSwitch", expr: "vector(1)", labels: { severity: "P3" } },
      ],
    },
  ],
};

export interface WatchedTrial extends Trial {
  /** Runs Docker on a service's container: `docker("stop", "shop")`. */
  readonly docker: (verb: string, service: string) => Promise<void>;
}

/** Boots it. Its containers carry the labels by which an environment's are found; nothing is published. */
export async function bootWatchedTrial(): Promise<WatchedTrial> {
  await ensureEngine({ yes: true, say: () => undefined });
  const trial = makeTrial(declaration);
  const build = recipeBuilder(readRecipes(repositoryRoot), () => undefined);
  const [busybox, prometheus] = await Promise.all([build("busybox"), build("prometheus")]);
  const project = `jlam-${trial.environment}`;
  const common = { network_mode: "bridge", stop_grace_period: "1s", labels: { "nl.jlam.environment": trial.environment } };
  const line = JSON.stringify({ level: "error", msg: `no bread ${hostile}`, attempt: 1 });
  const services = {
    shop: { ...common, image: busybox.image, command: ["sh", "-c", `while true; do echo '${line}'; sleep 1; done`], healthcheck: { test: ["CMD", "true"], interval: "1s" } },
    prepare: { ...common, image: busybox.image, command: ["true"] },
    prometheus: { ...common, image: prometheus.image, command: ["--config.file=/trial/prometheus.yml", "--storage.tsdb.path=/prometheus"], tmpfs: ["/prometheus:uid=65534,gid=65534"], volumes: [`${trial.root}:/trial:ro`] },
  };
  // JSON is YAML too.
  writeFileSync(join(trial.root, "compose.yaml"), JSON.stringify({ name: project, services }));
  writeFileSync(join(trial.root, "prometheus.yml"), JSON.stringify({ global: { evaluation_interval: "1s" }, rule_files: ["rules.yml"] }));
  writeFileSync(join(trial.root, "rules.yml"), JSON.stringify(rules));
  // The folder is made for its owner alone, and Prometheus is somebody else in its container.
  await execa("chmod", ["755", trial.root]);
  await execa("docker", ["compose", "--file", join(trial.root, "compose.yaml"), "up", "--detach", "--quiet-pull"], { stdin: "ignore" });
  return { ...trial, docker: async (verb, service) => void (await execa("docker", [verb, `${project}-${service}-1`])) };
}
