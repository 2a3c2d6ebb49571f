/** Everything before the switch: nothing here touches what serves, but for services that can't run twice. */
import { createHash } from "node:crypto";
import { colouredName, previewSuffix, switchFile } from "@jlam/compose-dsl";
import { HostFailure } from "../host/host.ts";
import { confirmSwitch, proxyAddress } from "../switch/confirm.ts";
import { itineraryIn, untilHealthy } from "./on-host.ts";
import { rollbackTarget, type Placed } from "./situation.ts";
import type { StepResult, Work } from "./steps.ts";

/** Free space that a release must find, in bytes: its files, and its images with what unpacking needs. */
const leastFree = { releases: 32 * 1024 ** 2, images: 1024 ** 3 };
/** Largest difference of two clocks, in seconds: certificates, tokens and leases are judged by them. */
const largestSkew = 30;
/** Longest that a one-shot may run, in milliseconds. */
const jobLimit = 600_000;
/** On top of what a health check itself allows, in milliseconds: images are unpacked, and the machine is busy. */
const startAllowance = 30_000;

/** Looks before anything is touched: at the host, at what serves, and at what a rollback would need. */
export async function preflight({ host, run, situation, report }: Work): Promise<StepResult> {
  report("disk, clock, what serves, what a rollback needs");
  const needed = run.action === "rollback" ? run.to : run.from;
  const [facts, missing] = await Promise.all([host.facts(), needed && missingOf({ host, folder: needed.folder })]);
  const skew = Math.abs(facts.clock - Date.now() / 1000);
  if (skew > largestSkew) return { outcome: "failed", why: `The clocks of ${host.name} and of this machine differ by ${Math.round(skew)} s; ${largestSkew} s may be. Set them by NTP.` };
  for (const place of ["releases", "images"] as const) {
    if (run.action === "deploy" && facts.free[place] < leastFree[place]) return { outcome: "failed", why: `${host.name} has ${mebibytes(facts.free[place])} left for ${place}; ${mebibytes(leastFree[place])} are needed.` };
  }
  const evidence = { "clock skew seconds": Math.round(skew), "free bytes for releases": facts.free.releases, "free bytes for images": facts.free.images };
  if (missing !== undefined) return { outcome: "failed", why: missing, evidence };
  const changed = run.action === "deploy" ? run.from && (await changedByHand(host, run.from, facts.files)) : undefined;
  if (changed !== undefined) return { outcome: "failed", why: changed, evidence };
  return { outcome: "done", evidence: { ...evidence, "rollback target": (run.action === "rollback" ? rollbackTarget(situation)?.release : run.from?.release) ?? "none" } };
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

/** What keeps a release from being returned to; undefined: it is whole, and needs no registry. */
async function missingOf({ host, folder }: { readonly host: Work["host"]; readonly folder: string }): Promise<string | undefined> {
  try {
    const { images } = await itineraryIn(host, folder);
    const present = await host.present(images);
    const missing = images.filter((image) => !present.has(image));
    return missing.length === 0 ? undefined : `${host.name} no longer has ${missing.join(", ")}, which a rollback would need.`;
  } catch (error) {
    if (error instanceof HostFailure && error.cause_ !== "unreachable") return `${host.name} no longer has the files of ${folder}, which a rollback would need: ${error.message}`;
    throw error;
  }
}

/** The proxy's files must be those of what serves: what somebody changed by hand would be lost without a word. */
async function changedByHand(host: Work["host"], { folder, colour }: Placed, files: ReadonlyMap<string, string>): Promise<string | undefined> {
  for (const { service, file } of (await itineraryIn(host, folder)).coloured) {
    const text = await host.read(folder, switchFile(service, colour));
    if (files.get(file) !== createHash("sha256").update(text).digest("hex")) return `${file} on ${host.name} isn't what the journal says: ${service} in ${colour}. Somebody changed it; \`jlam rollback\` and \`jlam deploy\` write it anew once the journal and it agree.`;
  }
  return undefined;
}

export async function upload({ host, token, luggage, run, report }: Work): Promise<StepResult> {
  if (luggage === undefined) return (await host.facts()).releases.has(run.to.folder) ? { outcome: "done" } : { outcome: "failed", why: `The files of ${run.to.folder} never came to ${host.name}.` };
  report(`${luggage.files.size} files`);
  await host.upload(token, luggage);
  return { outcome: "done", evidence: { files: luggage.files.size } };
}

export async function pull({ host, token, run, report }: Work): Promise<StepResult> {
  const { images } = await itineraryIn(host, run.to.folder);
  const present = await host.present(images);
  const missing = images.filter((image) => !present.has(image));
  if (missing.length > 0) report(`${missing.length} images by digest`);
  if (missing.length > 0) await host.pull(token, missing);
  return { outcome: "done", evidence: { pulled: missing.length } };
}

/**
 * Configuration and services that can't run twice: files that programs watch are replaced, and what differs is made
 * anew, in its order. What doesn't differ is left alone.
 */
export const services = (work: Work): Promise<StepResult> => settle(work, new Set());

/** The same, but for services that stay as they are. No job runs then: it could be one of theirs, from before. */
export async function settle({ host, token, run, planned, report, signal }: Work, left: ReadonlySet<string>): Promise<StepResult> {
  const itinerary = await itineraryIn(host, run.to.folder);
  const switched = itinerary.coloured.map(({ file }) => file);
  const otherSecrets = new Set(await host.configure(token, run.to.folder, switched));
  const [definitions, facts] = await Promise.all([host.definitions(run.to.folder), host.facts()]);
  const { copies } = facts;
  const differs = (service: string): boolean => {
    if (left.has(service)) return false;
    const copy = copies.find(({ name }) => name === service);
    return copy === undefined || facts.definitions.get(service) !== definitions.get(service) || copy.status !== "running" || otherSecrets.has(service);
  };
  const changed = itinerary.groups.flatMap((group) => group.services.filter(differs));
  const unplanned = planned === undefined ? [] : changed.filter((service) => !planned.has(service) && copies.some(({ name }) => name === service));
  if (unplanned.length > 0) return { outcome: "failed", why: `${unplanned.join(", ")} would be made anew, which the plan didn't say: the host isn't as it was when the plan was made. Look at the plan again.` };
  for (const { jobs, services: names, startLimit } of itinerary.groups) {
    const due = names.filter((name) => changed.includes(name));
    if (due.length === 0) continue;
    if (left.size === 0) for (const job of jobs) await host.runJob(token, run.to.folder, job, { timeout: jobLimit });
    report(due.join(", "));
    for (const anew of [true, false]) {
      const these = due.filter((name) => otherSecrets.has(name) === anew);
      if (these.length > 0) await host.start(token, run.to.folder, these, { anew });
    }
    await untilHealthy(host, due, startLimit + startAllowance, signal);
  }
  return { outcome: "done", evidence: { "made anew": changed.join(", ") } };
}

export async function migrate({ host, token, run, report }: Work): Promise<StepResult> {
  const { jobs } = await itineraryIn(host, run.to.folder);
  for (const { name, command } of jobs) {
    report(command === null ? name : `${name}, only what the old version can live with`);
    await host.runJob(token, run.to.folder, name, { timeout: jobLimit, ...(command !== null && { command }) });
  }
  return { outcome: "done", evidence: { jobs: jobs.map(({ name, command }) => (command === null ? name : `${name} (expand only)`)).join(", ") } };
}

/** Starts the colour that nobody is led to. */
export async function start({ host, token, run: { to }, report }: Work): Promise<StepResult> {
  const { coloured } = await itineraryIn(host, to.folder);
  const names = coloured.map(({ service }) => colouredName(service, to.colour));
  report(names.join(", "));
  await host.start(token, to.folder, names, { colour: to.colour });
  return { outcome: "done", evidence: { started: names.join(", ") } };
}

export async function healthy({ host, run: { to }, signal }: Work): Promise<StepResult> {
  const { coloured } = await itineraryIn(host, to.folder);
  const limit = Math.max(...coloured.map(({ startLimit }) => startLimit), 0) + startAllowance;
  const milliseconds = await untilHealthy(host, coloured.map(({ service }) => colouredName(service, to.colour)), limit, signal);
  return { outcome: "done", evidence: { milliseconds } };
}

/** Asks the new colour through the proxy, on the entry point where only the host is answered. */
export async function smoke({ host, token, run: { to }, preview, confirmWithin, report }: Work): Promise<StepResult> {
  const itinerary = await itineraryIn(host, to.folder);
  for (const coloured of itinerary.coloured) {
    const { service, file, routes } = coloured;
    await host.place(token, to.folder, switchFile(service, to.colour, { preview: true }), file.replace(/\.yaml$/, `${previewSuffix}.yaml`));
    const previews = routes.map((route) => ({ ...route, router: `${route.router}${previewSuffix}` }));
    await confirmSwitch(host, itinerary, { ...coloured, routes: previews }, colouredName(service, to.colour), confirmWithin);
  }
  report("what every route promises, asked of the new version");
  const door = await host.door(await proxyAddress(host, itinerary), itinerary.proxy.port);
  try {
    const failures = await preview(door, itinerary);
    return failures.length === 0 ? { outcome: "done" } : { outcome: "failed", why: `The new version doesn't pass its smoke checks: ${failures.join("; ")}` };
  } finally {
    await door.close();
  }
}
