/** What the machine reaches and what reaches it: ports, names, registries, and the clock of the world. */
import { lookup } from "node:dns/promises";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { parseReference } from "../images/reference.ts";
import { registryAnswers } from "../images/registry.ts";
import { wantedImages } from "../images/wanted.ts";
import { engine } from "../runtime/containers.ts";
import { list } from "../runtime/format.ts";
import { takenPorts } from "../runtime/host-ports.ts";
import { notChecked, ok, problem, warning, type Finding } from "./finding.ts";

/** The ports that the environment publishes: free, or held by its own edge. */
export async function checkPorts({ name, node }: ResolvedEnvironment): Promise<Finding> {
  const check = "ports";
  const ports = [node.publishing.http, node.publishing.https];
  const own = await engine.listContainers({ filters: { label: [`nl.jlam.environment=${name}`] } }).catch(() => []);
  const ours = new Set(own.flatMap(({ Ports }) => Ports.map(({ PublicPort }) => PublicPort)));
  const taken = await takenPorts(ports.filter((port) => !ours.has(port)).map((port) => `${node.publishing.address}:${port}`));
  if (taken.length > 0) {
    return problem(check, list(taken.map(({ port, holder }) => `${port} is taken by ${holder}`)), "Stop that program, or change `publishing` in environment.ts.");
  }
  return ok(check, ports.every((port) => ours.has(port)) ? `${list(ports.map(String))} are held by ${name} itself` : `${list(ports.map(String))} are free`);
}

/** Every registry that the environment's images come from; at most 3 s. */
export async function checkRegistries(environment: ResolvedEnvironment): Promise<Finding> {
  const check = "registry";
  const references = wantedImages(environment).map((image) => (image.kind === "published" ? image.reference : image.base.reference));
  const registries = [...new Set(references.map((reference) => parseReference(reference).registry))].sort();
  const silent = (await Promise.all(registries.map(async (registry) => ((await registryAnswers(registry)) ? [] : [registry])))).flat();
  if (silent.length === 0) return ok(check, `${list(registries)} ${registries.length === 1 ? "answers" : "answer"}`);
  return warning(
    check,
    `${list(silent)} ${silent.length === 1 ? "doesn't" : "don't"} answer`,
    "Images are built from packages where a recipe is there; the others are left out, or named by JLAM_IMAGE_<NAME>. A proxy is set in the engine's configuration.",
  );
}

/** Servers whose time can be believed, all of which a developer's machine talks to anyway. */
const timeSources = ["https://registry.npmjs.org/", "https://registry-1.docker.io/v2/", "https://deb.debian.org/"];

/** More than this, and one-time passwords fail; certificates fail somewhat later. */
const tolerated = 30_000;

/** The clock, against the Date of an https answer; at most 3 s. */
export async function checkClock(): Promise<Finding> {
  const check = "clock";
  const offset = await Promise.any(timeSources.map(offsetFrom)).catch(() => undefined);
  if (offset === undefined) return notChecked(check, "no server answered that would know the time");
  const seconds = `${Math.round(Math.abs(offset) / 1000)} s ${offset > 0 ? "ahead" : "behind"}`;
  return Math.abs(offset) > tolerated
    ? problem(check, `this machine's clock is ${seconds}`, "Let it follow a time server: `timedatectl set-ntp true`. In WSL: `sudo hwclock --hctosys`.")
    : ok(check, "agrees with the world's");
}

async function offsetFrom(url: string): Promise<number> {
  const began = Date.now();
  const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(3_000), redirect: "manual" });
  const date = Date.parse(response.headers.get("date") ?? "");
  // Some proxies answer from a cache: their Date is as old as the copy.
  if (Number.isNaN(date) || response.headers.has("age")) throw new Error("no date");
  // The header counts whole seconds, so its moment is half a second later on average.
  return (began + Date.now()) / 2 - (date + 500);
}

/** Names below .localhost; browsers know them by themselves (RFC 6761), other programs ask the machine. */
export async function checkNames({ node }: ResolvedEnvironment): Promise<Finding> {
  const check = "names";
  const name = `mail.${node.domain}`;
  const found = await lookup(name).catch(() => undefined);
  if (found?.address === "127.0.0.1" || found?.address === "::1") return ok(check, `${name} is ${found.address}`);
  return warning(
    check,
    found === undefined ? `${name} has no address here` : `${name} is ${found.address}, not this machine`,
    `Browsers and our tests resolve it themselves. For curl: \`--resolve ${node.domain}:${node.publishing.https}:127.0.0.1\`, or a line in /etc/hosts.`,
  );
}
