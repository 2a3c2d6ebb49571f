/** Who can reach whom: every modelled edge, and nothing else. One probe per service tries all the others at once. */
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { engine } from "../../tools/jlam/src/runtime/containers.ts";
import { ci, containerId, runningServices } from "./stack/environment.ts";
import { networkOnEngine, probe } from "./stack/probe.ts";
import { addresses, existingNetworks, modelledEdges, targetsOf, untriedEdges, type Target } from "./stack/reach.ts";

const running = new Set(runningServices().map(({ name }) => name));
/** Services that don't run here (one-shots, and those without an image) are stood in for on the networks that exist. */
const sources = [...ci.services.values()].filter((service) => running.has(service.name) || existingNetworks(service).length > 0);

interface Tried extends Target {
  readonly outcome: string;
}

interface Outside {
  readonly host: string;
  readonly internet: string;
}

const tried = new Map<string, readonly Tried[]>();
const outside = new Map<string, Outside>();
let listener: Server;

/** An address of the host that belongs to no network of the environment, with a server behind it: "outside", in reach. */
let outsideAddress: { readonly host: string; readonly port: number };

/** Google's resolver: on a machine with internet it answers whoever gets there. */
const internet = { host: "8.8.8.8", port: 53 };

beforeAll(async () => {
  listener = createServer((socket) => socket.end()).listen(0, "0.0.0.0");
  await new Promise((resolve) => listener.once("listening", resolve));
  const { IPAM } = await engine.getNetwork("bridge").inspect();
  outsideAddress = { host: IPAM?.Config?.[0]?.Gateway ?? "", port: (listener.address() as AddressInfo).port };
  const known = await addresses();
  const waiting = [...sources];
  const next = async (): Promise<void> => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      const targets = targetsOf(source, known);
      const place = await placeOf(source.name);
      const outcomes = await probe({ program: "connect", input: [...targets, outsideAddress, internet], output: z.array(z.string()), ...place });
      tried.set(source.name, targets.map((target, index) => ({ ...target, outcome: outcomes[index] ?? "" })));
      outside.set(source.name, { host: outcomes.at(-2) ?? "", internet: outcomes.at(-1) ?? "" });
    }
  };
  // As many at a time as there are processors on the smallest machine.
  await Promise.all([next(), next()]);
});

afterAll(() => void listener.close());

async function placeOf(service: string) {
  if (running.has(service)) return { in: { NetworkMode: `container:${await containerId(service)}` } };
  const source = sources.find(({ name }) => name === service);
  const [first = "none", ...networks] = source === undefined ? [] : existingNetworks(source).map(networkOnEngine);
  return { in: { NetworkMode: first }, networks };
}

const all = (expected: Target["expected"]): readonly Tried[] => [...tried.values()].flat().filter((target) => target.expected === expected);
const inWords = ({ service, host, port, outcome }: Tried): string => `${service}:${port} (${host}): ${outcome}`;

describe.each(sources.map(({ name }) => name))("%s", (name) => {
  const of = (expected: Target["expected"]): readonly Tried[] => (tried.get(name) ?? []).filter((target) => target.expected === expected);

  test("reaches everything that it connects to", () => {
    expect(of("edge").filter(({ outcome }) => outcome !== "connected").map(inWords)).toEqual([]);
    const wanted = modelledEdges().filter(({ from, to }) => from === name && to !== name && running.has(to));
    expect(new Set(of("edge").map(({ service, port }) => `${service}:${port}`))).toEqual(new Set(wanted.map(({ to, port }) => `${to}:${port}`)));
  });

  test("reaches nobody else, by name or by address", () => {
    expect(of("apart").filter(({ outcome }) => outcome === "connected").map(inWords)).toEqual([]);
  });

  test("gets out only if the model says why", () => {
    const declared = sources.find((source) => source.name === name)?.networks.some((network) => ci.networks.get(network.name)?.internal === false) === true;
    if (declared) return expect(outside.get(name)?.host).toBe("connected");
    expect(outside.get(name)).toEqual({ host: "ENETUNREACH", internet: "ENETUNREACH" });
  });
});

test("every service was tried against every other", ({ annotate }) => {
  const [edges, apart, same] = [all("edge"), all("apart"), all("same-network")];
  expect(edges.length).toBeGreaterThan(0);
  expect(apart.length).toBeGreaterThan(edges.length);
  const open = same.filter(({ outcome }) => outcome === "connected").length;
  return annotate(
    `networks: ${sources.length} services tried ${edges.length + apart.length + same.length} targets: ${edges.length} on modelled edges (all answered), ` +
      `${apart.length} apart (none may), ${same.length} on a shared network against the edge's direction or on another port (${open} answered)`,
  );
});

test("edges to services that were left out are not tried", ({ skip }) => {
  const untried = untriedEdges();
  if (untried.length === 0) return;
  skip(`${untried.length} edges lead to services without an image here: ${[...new Set(untried.map(({ to }) => to))].join(", ")}`);
});

test("the engine's networks have exactly the members that are modelled", async () => {
  for (const { name, members, internal } of ci.networks.values()) {
    const expected = members.filter((member) => running.has(member)).sort();
    if (expected.length === 0) continue;
    const info = await engine.getNetwork(networkOnEngine(name)).inspect();
    const names = Object.values(info.Containers ?? {}).map(({ Name }) => Name.replace(/^(?:[0-9a-f]{12}_)?jlam-ci-/, "").replace(/-\d+$/, ""));
    expect({ name, internal: info.Internal, members: names.sort() }).toEqual({ name, internal, members: expected });
  }
});
