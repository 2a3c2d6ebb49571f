/** Reads what host.sh tells of a host: one fact a line, a word, a tab, and the rest. */
import { z } from "zod";
import type { Colour } from "@jlam/compose-dsl";
import { HostFailure, type Copy, type HostFacts } from "./host.ts";

const status = z.enum(["created", "running", "paused", "restarting", "removing", "exited", "dead"]);
const health = z.enum(["none", "starting", "healthy", "unhealthy"]);
const colour = z.enum(["blue", "green"]);

/** @throws HostFailure where the text is no list of facts */
export function parseFacts(text: string): HostFacts {
  const numbers = new Map<string, number>();
  const releases = new Set<string>();
  const colours: Partial<Record<Colour, string>> = {};
  const files = new Map<string, string>();
  const definitions = new Map<string, string>();
  const copies: Copy[] = [];
  let architecture = "";
  for (const line of text.split("\n")) {
    const [word = "", first = "", ...rest] = line.split("\t");
    switch (word) {
      case "clock":
      case "free":
      case "engine-free":
        numbers.set(word, Number(first));
        break;
      case "architecture":
        architecture = first;
        break;
      case "release":
        releases.add(first);
        break;
      case "colour": {
        const known = colour.safeParse(first);
        if (known.success) colours[known.data] = rest[0] ?? "";
        break;
      }
      case "file":
        files.set(rest[0] ?? "", first);
        break;
      case "definition":
        definitions.set(first, rest[0] ?? "");
        break;
      case "container":
        copies.push(copyOf([first, ...rest]));
        break;
    }
  }
  const number = (name: string): number => {
    const value = numbers.get(name);
    if (value === undefined || !Number.isFinite(value)) throw new HostFailure(`The host told nothing of its ${name}.`, "refused");
    return value;
  };
  return { clock: number("clock"), free: { releases: number("free"), images: number("engine-free") }, architecture, releases, colours, definitions, files, copies };
}

/** The copies of a list of facts. */
export const parseCopies = (text: string): readonly Copy[] =>
  text.split("\n").flatMap((line) => {
    const [word, ...rest] = line.split("\t");
    return word === "container" ? [copyOf(rest)] : [];
  });

function copyOf([name = "", state, healthWord, exitCode, outOfMemory, restarts, image = "", networks = ""]: readonly string[]): Copy {
  const addresses = networks.split(" ").flatMap((pair) => {
    const [network = "", address = ""] = pair.split("=");
    return address === "" || address === "invalid IP" ? [] : [[network, address] as const];
  });
  return {
    name,
    status: status.parse(state),
    health: health.parse(healthWord === "" ? "none" : healthWord),
    exitCode: Number(exitCode),
    outOfMemory: outOfMemory === "true",
    restarts: Number(restarts),
    image,
    addresses: Object.fromEntries(addresses),
  };
}
