/** The engine: its parts, its limits, its room, and what earlier tests left on it. */
import { statfs } from "node:fs/promises";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { z } from "zod";
import { inspectEngine, missingParts, oldestCompose, type Part } from "../machine/engine.ts";
import { planPackages } from "../machine/packages.ts";
import { engine } from "../runtime/containers.ts";
import { count, formatBytes, list } from "../runtime/format.ts";
import { halfMade } from "../runtime/survey.ts";
import { notChecked, ok, problem, warning, type Finding } from "./finding.ts";

export type EngineInfo = Awaited<ReturnType<typeof engineInfo>>;

const information = z.object({
  DockerRootDir: z.string(),
  MemTotal: z.number(),
  NCPU: z.number(),
  CgroupVersion: z.string().optional(),
  MemoryLimit: z.boolean(),
  CpuCfsQuota: z.boolean(),
  PidsLimit: z.boolean().optional(),
});

/** What the engine says about itself; undefined where none answers. */
export async function engineInfo(): Promise<z.infer<typeof information> | undefined> {
  return information.safeParse(await engine.info().catch(() => undefined)).data;
}

/** Client, server, Compose and buildx. */
export async function checkParts(): Promise<readonly Finding[]> {
  const facts = await inspectEngine();
  const missing = new Set(missingParts(facts));
  const plan = missing.size > 0 ? planPackages([...missing]) : undefined;
  const fix = plan?.kind === "apt" ? "`jlam up` installs and starts it." : (plan?.byHand ?? "");
  const part = (name: Part, check: string, version: string | undefined, absent: string): Finding =>
    missing.has(name) ? problem(check, absent, fix) : ok(check, version ?? "");
  return [
    part("server", "engine", `${facts.server ?? ""} at ${facts.host}`, facts.refusal ?? "no engine answers"),
    part("compose", "compose", facts.compose, facts.compose === undefined ? "there is no Compose" : `${facts.compose} is older than ${oldestCompose}`),
    part("buildx", "buildx", facts.buildx, "there is no buildx, which builds the images"),
  ];
}

/** Images and their builds take about this much; below a tenth of it nothing can be built. */
const roomy = 10 * 1024 ** 3;

/** Free space where the engine keeps images and volumes. */
export async function checkDisk(info: EngineInfo): Promise<Finding> {
  const check = "disk";
  const folder = info?.DockerRootDir;
  const stats = folder === undefined ? undefined : await statfs(folder).catch(() => undefined);
  if (folder === undefined || stats === undefined) return notChecked(check, "the engine's folder can't be seen from here");
  const free = stats.bavail * stats.bsize;
  const what = `${formatBytes(free)} free in ${folder}`;
  const fix = "`docker image prune` removes images that nothing uses; `docker system df` shows what takes the room.";
  return free < roomy / 10 ? problem(check, what, fix) : free < roomy ? warning(check, what, fix) : ok(check, what);
}

/** The engine's memory and processors against the limits of all services of an environment. */
export function checkSize(info: EngineInfo, { name, services }: ResolvedEnvironment): readonly Finding[] {
  if (info === undefined) return [notChecked("memory", "no engine answers"), notChecked("processors", "no engine answers")];
  const limits = [...services.values()].map(({ node }) => node.resources);
  const sum = limits.reduce((total, { memory }) => total + memory.bytes, 0);
  const memory = `${formatBytes(info.MemTotal)} here, ${formatBytes(sum)} are the limits of ${name} together`;
  const tooMany = [...services.values()].filter(({ node }) => node.resources.cpus > info.NCPU).map((service) => service.name);
  return [
    sum > info.MemTotal
      ? warning("memory", memory, "Boot single stacks (`jlam up local web`), or give the engine more memory; limits are rarely reached all at once.")
      : ok("memory", memory),
    tooMany.length > 0
      ? problem("processors", `${info.NCPU} here, and ${list(tooMany)} may use more than that, which Docker refuses`, "Give the engine more processors.")
      : ok("processors", `${info.NCPU}`),
  ];
}

/** Whether limits hold here. */
export function checkControlGroups(info: EngineInfo): Finding {
  const check = "cgroups";
  if (info === undefined) return notChecked(check, "no engine answers");
  const unenforced = [...(info.MemoryLimit ? [] : ["memory"]), ...(info.CpuCfsQuota ? [] : ["processors"]), ...(info.PidsLimit === false ? ["processes"] : [])];
  const version = `version ${info.CgroupVersion ?? "unknown"}`;
  return unenforced.length > 0
    ? warning(check, `${version}; limits of ${list(unenforced)} don't hold`, "Enable these controllers in the kernel (cgroup_enable=memory on the kernel's command line).")
    : ok(check, `${version}, all limits hold`);
}

/** Containers that tests or killed starts left behind. */
export async function checkLeftovers(info: EngineInfo): Promise<Finding> {
  const check = "leftovers";
  if (info === undefined) return notChecked(check, "no engine answers");
  const containers = await engine.listContainers({ all: true });
  const left = containers.filter(({ Labels, Names }) => "nl.jlam.test" in Labels || Labels["org.testcontainers"] === "true" || ("nl.jlam.environment" in Labels && halfMade.test(Names[0]?.slice(1) ?? "")));
  if (left.length === 0) return ok(check, "nothing of earlier tests");
  const names = left.map(({ Names, Id }) => Names[0]?.slice(1) ?? Id.slice(0, 12));
  const shown = names.slice(0, 5);
  return warning(
    check,
    `${count(left.length, "container")} of earlier tests: ${list(shown)}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`,
    `If no test runs now: \`docker rm --force --volumes ${names.join(" ")}\``,
  );
}
