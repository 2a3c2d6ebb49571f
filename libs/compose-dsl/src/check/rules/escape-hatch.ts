import type { ComposeService } from "../../compose/specification.ts";
import { keysNewerThan, OLDEST_COMPOSE } from "../../compose/gate.ts";
import { composeLabels } from "../../resolve/compose-labels.ts";
import { refusedLabels } from "../../traefik/refused-labels.ts";
import type { Rule } from "../rule.ts";

/** Keys of Compose that the model has a word for. Every key that emit/compose-service.ts puts must be here. */
export const modelled = {
  image: "image",
  build: "image: build(…)",
  command: "command",
  entrypoint: "entrypoint",
  user: "user",
  environment: "settings",
  env_file: "settings",
  secrets: "secrets",
  configs: "mounts: text(…), yaml(…) or json(…)",
  volumes: "mounts",
  tmpfs: "tmpfs",
  shm_size: "sharedMemory",
  networks: "connects",
  network_mode: "connects",
  links: "connects",
  depends_on: "startsAfter",
  healthcheck: "health",
  restart: "service(…) or job(…)",
  stop_grace_period: "stopGrace",
  read_only: "exceptions",
  cap_add: "capabilities",
  cap_drop: "exceptions",
  security_opt: "exceptions",
  mem_limit: "resources",
  cpus: "resources",
  pids_limit: "resources",
  ports: "publishes",
  profiles: "image: image(…, { registryOnly: true })",
  logging: "logs for the format; rotation is every service's",
  container_name: "the service's name",
} as const satisfies { readonly [K in keyof ComposeService]?: string };

/** What the model writes inside keys that are joined with the escape hatch's own: deploy and labels. */
function* modelledInside(compose: Partial<ComposeService>, routers: ReadonlySet<string>): Iterable<readonly [key: string, word: string]> {
  if (compose.deploy?.resources?.limits) yield ["deploy.resources.limits", "resources"];
  for (const label of Object.keys(composeLabels(compose.labels))) {
    if (label.startsWith("nl.jlam.")) yield [`labels.${label}`, "the model's own fields"];
    const router = /^traefik\.(?:http\.(?:routers|services)\.([^.]+)\..*|enable|docker\.network)$/.exec(label);
    if (router && routers.size > 0 && (router[1] === undefined || routers.has(router[1]))) yield [`labels.${label}`, "route(…)"];
  }
}

const isModelled = (key: string): key is keyof typeof modelled => Object.hasOwn(modelled, key);

export const modelWins: Rule = {
  name: "model-wins",
  severity: "error",
  why: "the model's own key wins where both say something, and checks, alerts and documentation see the model only",
  *check({ services, routes }) {
    const routesOf = Map.groupBy(routes.filter(({ via }) => via === "labels"), ({ service }) => service);
    for (const { name, node } of services.values()) {
      if (Object.keys(node.compose).length === 0) continue;
      const routers = new Set((routesOf.get(name) ?? []).map((route) => route.name));
      const outside = Object.keys(node.compose).flatMap((key) => (isModelled(key) ? [[key, modelled[key]] as const] : []));
      for (const [key, word] of [...outside, ...modelledInside(node.compose, routers)]) {
        yield {
          subject: `${name} compose.${key}`,
          message: `"${name}" says compose.${key}, for which the model has a word`,
          fix: `say it with ${word}`,
          at: node.at,
        };
      }
    }
  },
};

export const newerKey: Rule = {
  name: "compose-version",
  severity: "error",
  why: `the oldest Compose that must read the file is ${OLDEST_COMPOSE} (Debian 13), and it refuses keys that it doesn't know`,
  *check({ services }) {
    for (const { name, node } of services.values()) {
      if (Object.keys(node.compose).length === 0) continue;
      for (const { path, since } of keysNewerThan(OLDEST_COMPOSE, { services: { [name]: node.compose } })) {
        const key = path.slice(`services.${name}.`.length);
        yield { subject: `${name} compose.${key}`, message: `"${name}" says compose.${key}, which Compose reads since ${since}`, fix: "remove it, or say the same in a way that the older one knows", at: node.at };
      }
    }
  },
};

export const refusedLabel: Rule = {
  name: "traefik-label",
  severity: "error",
  why: "Traefik ignores what it doesn't know, or drops all labels of the container, and says so in its log only",
  *check({ services, routes, proxy }) {
    for (const { name, configuration, at } of new Set([...(proxy?.everyRoute ?? []), ...routes.flatMap(({ own }) => own)])) {
      const keys = Object.fromEntries([...keysOf(`traefik.http.middlewares.${name}`, configuration)].map((key) => [key, ""]));
      for (const { label, reason, instead } of refusedLabels(keys)) {
        yield { subject: `${name} ${label}`, message: `the middleware "${name}" says ${label}: ${reason}`, fix: instead, at };
      }
    }
    for (const { name, node } of services.values()) {
      for (const { label, reason, instead } of refusedLabels(composeLabels(node.compose.labels))) {
        yield { subject: `${name} ${label}`, message: `the label ${label} of "${name}": ${reason}`, fix: instead, at: node.at };
      }
    }
  },
};

/** The keys of a configuration as labels would say them. The compiler refuses those that are gone; plain JavaScript doesn't. */
function* keysOf(path: string, configuration: object): Iterable<string> {
  for (const [key, value] of Object.entries<unknown>({ ...configuration })) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) yield* keysOf(`${path}.${key}`, value);
    else yield `${path}.${key}`;
  }
}
