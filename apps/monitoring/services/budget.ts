/** How much the stack may use, from the size of the host. */
import { gib, type Limits, type Surroundings } from "@jlam/compose-dsl";

/** Limits and retention of one size. Memory: measured or documented sizes (Prometheus 3 kB a series, Grafana's documentation, Tempo's maintainers), doubled where nobody measured. */
export interface Budget {
  readonly name: "full" | "lite";
  readonly prometheus: Limits & { readonly days: number; readonly bytes: `${number}GB` };
  readonly loki: Limits & { readonly days: number };
  /** Undefined: no traces are kept. */
  readonly tempo: (Limits & { readonly days: number }) | undefined;
  readonly grafana: Limits;
  readonly collector: Limits;
  readonly alertmanager: Limits;
  readonly cadvisor: Limits;
  readonly exporter: Limits;
  readonly socketProxy: Limits;
}

const shared = {
  grafana: { memory: "512M", cpus: 0.5 },
  alertmanager: { memory: "64M", cpus: 0.25, pids: 64 },
  exporter: { memory: "48M", cpus: 0.25, pids: 64 },
  socketProxy: { memory: "32M", cpus: 0.25, pids: 32 },
} as const;

const full: Budget = {
  ...shared,
  name: "full",
  prometheus: { memory: "512M", cpus: 0.5, days: 35, bytes: "8GB" },
  loki: { memory: "384M", cpus: 0.5, days: 30 },
  tempo: { memory: "384M", cpus: 0.5, days: 7 },
  collector: { memory: "192M", cpus: 0.5 },
  cadvisor: { memory: "192M", cpus: 0.5 },
};

const lite: Budget = {
  ...shared,
  name: "lite",
  grafana: { memory: "256M", cpus: 0.5 },
  prometheus: { memory: "256M", cpus: 0.5, days: 15, bytes: "2GB" },
  loki: { memory: "256M", cpus: 0.5, days: 7 },
  tempo: undefined,
  collector: { memory: "128M", cpus: 0.25 },
  cadvisor: { memory: "128M", cpus: 0.25 },
};

/** Below this a host gets the small stack: without traces, and with a shorter memory. */
const fullFrom = gib(8);

/** What fits the host. Whether all limits together do is a check of every environment (`memory-sum`). */
export const budgetOf = ({ host }: Pick<Surroundings, "host">): Budget => (host.memory.bytes >= fullFrom.bytes ? full : lite);
