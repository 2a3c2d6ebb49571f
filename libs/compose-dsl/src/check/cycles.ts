/**
 * Cycles of a directed graph, one for each group of nodes that reach each other, as the path from its alphabetically
 * first node back to itself: `["a", "b", "a"]`. Linear, and without recursion: chains may be thousands long.
 */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  return stronglyConnected(graph)
    .filter((group) => group.length > 1 || graph.get(group[0] ?? "")?.includes(group[0] ?? ""))
    .map((group) => shortestWayBack(graph, new Set(group), group.toSorted()[0] ?? ""))
    .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}

/** A cycle as text: `a → b → a`. */
export const cycleText = (cycle: readonly string[]): string => cycle.join(" → ");

/** Breadth first from `start`, inside `group`, until it is met again. */
function shortestWayBack(graph: ReadonlyMap<string, readonly string[]>, group: ReadonlySet<string>, start: string): readonly string[] {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const path = [start];
        for (let step: string | undefined = node; step !== undefined && step !== start; step = cameFrom.get(step)) path.push(step);
        return [...path, start].reverse();
      }
      if (!group.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return [start, start];
}

interface Visit {
  readonly node: string;
  readonly edges: readonly string[];
  nextEdge: number;
}

/** Tarjan's algorithm (1972) with a stack of its own. */
function stronglyConnected(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const groups: string[][] = [];
  const lower = (node: string, to: number): void => void lowest.set(node, Math.min(lowest.get(node) ?? to, to));
  const enter = (node: string): Visit => {
    order.set(node, order.size);
    lower(node, order.size - 1);
    open.push(node);
    isOpen.add(node);
    return { node, edges: graph.get(node) ?? [], nextEdge: 0 };
  };
  for (const root of graph.keys()) {
    if (order.has(root)) continue;
    const visits = [enter(root)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const next = visit.edges[visit.nextEdge];
      visit.nextEdge += 1;
      if (next !== undefined) {
        const seen = order.get(next);
        if (seen === undefined) visits.push(enter(next));
        else if (isOpen.has(next)) lower(visit.node, seen);
        continue;
      }
      visits.pop();
      const parent = visits.at(-1);
      const own = lowest.get(visit.node) ?? 0;
      if (parent) lower(parent.node, own);
      if (own !== order.get(visit.node)) continue;
      const group = open.splice(open.lastIndexOf(visit.node));
      for (const member of group) isOpen.delete(member);
      groups.push(group);
    }
  }
  return groups;
}
