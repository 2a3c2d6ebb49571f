import type { Provider } from "../model/provider.ts";
import { resourceId, type Milestone } from "../model/resource.ts";
import type { ServiceNode } from "../model/service.ts";
import type { ResolvedDependency, ResolvedEdge } from "./resolved.ts";
import { declared, derivedFrom, type Why } from "./why.ts";

/** What must have happened before a service starts: its milestones, and the health of what it connects to. */
export function resolveDependencies(
  node: ServiceNode,
  edges: readonly ResolvedEdge[],
  providers: ReadonlyMap<string, Provider>,
  nodes: ReadonlyMap<string, ServiceNode>,
): readonly ResolvedDependency[] {
  const found = new Map<string, ResolvedDependency>();
  const add = (service: string, condition: ResolvedDependency["condition"], why: Why): void => {
    if (service !== node.name && !found.has(service)) found.set(service, { service, condition, why });
  };
  for (const milestone of node.startsAfter) {
    const why = declared(node.at, "startsAfter");
    const on = dependencyOn(milestone, providers);
    if (on) add(on.service, on.condition, why);
  }
  for (const { connection, edge, to } of edges) {
    if (to === undefined || connection === undefined || !edge.wait) continue;
    const why = derivedFrom(edge.at, `starts after what it connects to as "${connection}"`, `connects.${connection}`);
    const ready = edge.target.kind === "endpoint" ? undefined : providers.get(resourceId(edge.target))?.ready;
    const on = ready && dependencyOn(ready, providers);
    if (on) add(on.service, on.condition, why);
    else add(to, nodes.get(to)?.health ? "service_healthy" : "service_started", why);
  }
  return [...found.values()];
}

function dependencyOn(milestone: Milestone, providers: ReadonlyMap<string, Provider>): Pick<ResolvedDependency, "service" | "condition"> | undefined {
  switch (milestone.kind) {
    case "service-healthy":
      return { service: milestone.service, condition: "service_healthy" };
    case "job-completed":
      return { service: milestone.service, condition: "service_completed_successfully" };
    case "resource-healthy": {
      const ready = providers.get(milestone.resource)?.ready;
      return ready && dependencyOn(ready, providers);
    }
  }
}
