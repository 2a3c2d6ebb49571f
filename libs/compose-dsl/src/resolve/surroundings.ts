import { isReleased, type EnvironmentNode } from "../model/environment.ts";
import type { ServiceNode } from "../model/service.ts";
import type { Stack, StackContent, Surroundings } from "../model/stack.ts";
import { hostName } from "./host-name.ts";

export interface SettledStack {
  readonly stack: Stack;
  readonly content: StackContent;
}

/** Stacks that look at each other settle in two or three rounds; ten without settling means that they chase each other. */
const mostRounds = 10;

/**
 * Asks every stack for its content, showing it what the others contained in the round before, until nothing changes.
 * `unsettled` names the stacks that still changed in the last round; empty when all is well.
 */
export function settleStacks(environment: EnvironmentNode): { readonly stacks: readonly SettledStack[]; readonly unsettled: readonly string[] } {
  let settled: readonly SettledStack[] = [];
  let unsettled: readonly string[] = [];
  for (let round = 0; round < mostRounds; round += 1) {
    const around = surroundings(environment, settled);
    const next = environment.stacks.map((stack) => ({ stack, content: stack.content(around) }));
    unsettled = next.filter(({ content }, index) => !sameContent(content, settled[index]?.content)).map(({ stack }) => stack.name);
    settled = next;
    if (unsettled.length === 0) break;
  }
  return { stacks: settled, unsettled };
}

function sameContent(a: StackContent, b: StackContent | undefined): boolean {
  return a === b || (b !== undefined && JSON.stringify(a) === JSON.stringify(b));
}

function surroundings(environment: EnvironmentNode, settled: readonly SettledStack[]): Surroundings {
  const services: ServiceNode[] = [];
  for (const provider of environment.provides) services.push(...provider.services);
  for (const { content } of settled) services.push(...content.services);
  return {
    environment: environment.name,
    domain: environment.domain,
    services,
    routes: [...environment.provides.flatMap(({ routes }) => routes), ...settled.flatMap(({ content }) => content.routes)],
    resources: environment.provides.map(({ provides }) => provides),
    providers: environment.provides,
    certificates: environment.certificates,
    publishing: environment.publishing,
    traces: settled.find(({ content }) => content.traces !== undefined)?.content.traces,
    released: isReleased(environment),
    host: environment.host,
    hostName: (host) => hostName(environment.domain, host),
  };
}

/** What a stack sees of the environment once everything has settled: for whoever derives something beside the files. */
export const settledSurroundings = (environment: EnvironmentNode): Surroundings => surroundings(environment, settleStacks(environment).stacks);
