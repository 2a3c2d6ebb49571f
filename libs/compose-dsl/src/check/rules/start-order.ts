import type { ResolvedDependency, ResolvedEnvironment, ResolvedService } from "../../resolve/resolved.ts";
import { cycles, cycleText } from "../cycles.ts";
import type { Rule } from "../rule.ts";

interface Wait {
  readonly service: ResolvedService;
  readonly dependency: ResolvedDependency;
  readonly target: ResolvedService;
}

function* waits({ services }: ResolvedEnvironment): Iterable<Wait> {
  for (const service of services.values()) {
    for (const dependency of service.dependsOn) {
      const target = services.get(dependency.service);
      if (target) yield { service, dependency, target };
    }
  }
}

export const healthyWithoutCheck: Rule = {
  name: "healthy-without-check",
  severity: "error",
  why: "Compose refuses to wait for the health of a container that has no health check",
  *check(environment) {
    for (const { service, dependency, target } of waits(environment)) {
      if (dependency.condition !== "service_healthy" || (target.node.kind === "service" && target.node.health)) continue;
      yield {
        subject: service.name,
        message: `"${service.name}" waits for the health of "${target.name}", which has no health check`,
        fix: target.node.kind === "job" ? `wait for \`completed\` of the job "${target.name}"` : `give "${target.name}" a \`health\``,
        at: dependency.why.at ?? service.node.at,
      };
    }
  },
};

export const dependencyCycle: Rule = {
  name: "dependency-cycle",
  severity: "error",
  why: "each waits for the other, so none of them ever starts, and Compose refuses the file",
  *check({ services }) {
    const graph = new Map([...services].map(([name, { dependsOn }]) => [name, dependsOn.map(({ service }) => service)]));
    for (const cycle of cycles(graph)) {
      const jobs = cycle.slice(1).filter((name) => services.get(name)?.node.kind === "job");
      const first = services.get(cycle[0] ?? "");
      yield {
        subject: cycleText(cycle),
        message: `the start order goes round: ${cycleText(cycle)}`,
        fix:
          jobs.length > 0
            ? `a job runs before what waits for it: let ${jobs.map((name) => `"${name}"`).join(" and ")} need only what starts earlier`
            : "connect one of them with `to(target, { wait: false })`, and let its program try again until the other answers",
        at: first?.dependsOn.find(({ service }) => service === cycle[1])?.why.at ?? first?.node.at,
      };
    }
  },
};

export const startOrder: Rule = {
  name: "start-order",
  severity: "error",
  why: "the start would wait for something that never happens",
  *check(environment) {
    for (const { service, dependency, target } of waits(environment)) {
      const at = dependency.why.at ?? service.node.at;
      const subject = `${service.name} ${target.name}`;
      if (dependency.condition === "service_completed_successfully" && target.node.kind !== "job") {
        yield {
          subject,
          message: `"${service.name}" waits until "${target.name}" has completed, which is a service and runs for ever`,
          fix: `make "${target.name}" a job, or wait for its health`,
          at,
        };
      }
      if (target.profile !== undefined && target.profile !== service.profile) {
        yield {
          subject,
          message: `"${service.name}" waits for "${target.name}", which is left out where no registry has its image (profile "${target.profile}")`,
          fix: "connect with `to(target, { wait: false })`, or give its image a package recipe and remove `registryOnly`",
          at,
        };
      }
    }
  },
};

export const unawaitedJob: Rule = {
  name: "unawaited-job",
  severity: "error",
  why: "`docker compose up --wait` takes a finished container that nobody waits for as a failure",
  *check({ services }) {
    const awaited = new Set<string>();
    for (const { dependsOn } of services.values()) {
      for (const { service, condition } of dependsOn) if (condition === "service_completed_successfully") awaited.add(service);
    }
    for (const { name, node } of services.values()) {
      if (node.kind !== "job" || awaited.has(name)) continue;
      yield {
        subject: name,
        message: `nobody waits for the job "${name}"`,
        fix: `add its \`completed\` to \`startsAfter\` of the service that needs its work`,
        at: node.at,
      };
    }
  },
};

export const includeCycle: Rule = {
  name: "include-cycle",
  severity: "error",
  why: "a stack's file includes those of the stacks that it waits for, and Compose refuses files that include each other",
  *check({ stacks, services }) {
    const graph = new Map(stacks.map(({ name, includes }) => [name, includes]));
    for (const cycle of cycles(graph)) {
      const [from, to] = cycle;
      const waiting = stacks.find(({ name }) => name === from)?.services ?? [];
      const why = waiting.flatMap(({ dependsOn }) => dependsOn).find(({ service }) => services.get(service)?.stack === to)?.why;
      yield {
        subject: cycleText(cycle),
        message: `stacks wait for each other: ${cycleText(cycle)}`,
        fix: "move the service that both need into a stack of its own, or connect with `to(target, { wait: false })`",
        at: why?.at,
      };
    }
  },
};
