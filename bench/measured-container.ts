/** Runs a program in a container and tells what it cost: time, processor, and memory that is no file cache. */
import { setTimeout as wait } from "node:timers/promises";
import Docker from "dockerode";
import { execa } from "execa";
import { z } from "zod";

export interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

const docker = new Docker();

/** cgroup 1 calls it total_rss, cgroup 2 anon. */
const statsSchema = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
  memory_stats: z.object({ stats: z.object({ total_rss: z.number().optional(), anon: z.number().optional() }).optional() }),
});

/** Watches the container of that name while `work` runs it. Its last quarter of a second of processor time is missing. */
export async function watched<T>(name: string, work: () => Promise<T>): Promise<Cost & { readonly result: T }> {
  let cpu = 0;
  let peakBytes = 0;
  let first: number | undefined;
  const watch = { over: false };
  const sampling = (async () => {
    while (!watch.over) {
      const sample = statsSchema.safeParse(await docker.getContainer(name).stats({ stream: false, "one-shot": true }).catch(() => undefined)).data;
      if (sample !== undefined) {
        first ??= sample.cpu_stats.cpu_usage.total_usage;
        cpu = Math.max(cpu, sample.cpu_stats.cpu_usage.total_usage);
        peakBytes = Math.max(peakBytes, sample.memory_stats.stats?.total_rss ?? sample.memory_stats.stats?.anon ?? 0);
      }
      await wait(250);
    }
  })();
  const began = performance.now();
  try {
    const result = await work();
    return { result, seconds: (performance.now() - began) / 1000, cpuSeconds: (cpu - (first ?? 0)) / 1e9, peakBytes };
  } finally {
    watch.over = true;
    await sampling;
  }
}

/** An image like `base` with Debian packages more, by the name of their purpose. */
export async function withPackages(purpose: string, base: string, packages: string): Promise<string> {
  const image = `jlam-bench/backup-${purpose}:latest`;
  const recipe = `FROM ${base}\nUSER root\nRUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates ${packages} && rm -rf /var/lib/apt/lists/*\n`;
  await execa("docker", ["build", "--quiet", "--tag", image, "-"], { input: recipe });
  return image;
}
