/** Monitoring: looks at its environment, and derives from it what is measured, asked, alerted on, shown and kept. */
import { resourceId, route, stack, type Endpoint, type ServiceNode, type Surroundings } from "@jlam/compose-dsl";
import { coverageFindings } from "./coverage/coverage.ts";
import { dashboardFiles } from "./dashboards/files.ts";
import { secretAddress, type Contacts } from "./routing/contacts.ts";
import { alertmanager, alertmanagerName, alertmanagerPorts } from "./services/alertmanager.ts";
import { blackbox, blackboxName, blackboxPorts } from "./services/blackbox.ts";
import { budgetOf } from "./services/budget.ts";
import { collector } from "./services/collector.ts";
import type { Costs } from "./services/costs.ts";
import { cadvisor, databaseExporters, nodeExporter } from "./services/exporters.ts";
import { grafana } from "./services/grafana.ts";
import { prometheus } from "./services/prometheus.ts";
import { statisticsProxy } from "./services/socket-proxy.ts";
import { loki, tempo } from "./services/stores.ts";
import { grafanaHost, watch } from "./watched/watch.ts";

export interface MonitoringOptions {
  readonly contacts: Contacts;
  /** Euros a month by what they are paid for; without them nothing is said about costs. */
  readonly costs?: Costs;
}

const endpoint = (service: string, number: number): Endpoint => ({ kind: "endpoint", service, port: "http", number });

function monitoring({ contacts, costs = {} }: MonitoringOptions, around: Surroundings) {
  const watched = watch(around);
  const budget = budgetOf(around);
  const managed = around.providers.filter(({ how }) => how === "managed").map(({ provides }) => resourceId(provides));
  const mail = around.providers.find(({ provides }) => provides.kind === "mail");

  const toAlertmanager = endpoint(alertmanagerName, alertmanagerPorts.http);
  const toBlackbox = endpoint(blackboxName, blackboxPorts.http);
  const logStore = loki(budget);
  const traceStore = budget.tempo && tempo(budget.tempo);
  const proxy = statisticsProxy(budget);
  const measurements = prometheus(watched, budget, toAlertmanager, toBlackbox);
  const alerts = mail && alertmanager(watched, budget, contacts, mail);
  const agent = collector(around, budget, { docker: proxy.ports.docker, loki: logStore.ports.http, tempo: traceStore?.ports.otlp });
  const dashboards = grafana(budget, { prometheus: measurements.ports.http, alertmanager: toAlertmanager, loki: logStore.ports.http, tempo: traceStore?.ports.http }, dashboardFiles(watched));

  // Listed apart: what these need (sign-in, mail) the environment must provide, and the compiler sees it here.
  const pages = alerts ? [measurements, alerts, dashboards] : [measurements, dashboards];
  const others: readonly (ServiceNode & { readonly needs?: never })[] = [
    blackbox(watched, budget, around),
    nodeExporter(budget, costs, managed),
    cadvisor(budget),
    ...databaseExporters(around, budget),
    proxy,
    agent,
    logStore,
    ...(traceStore ? [traceStore] : []),
  ];
  return {
    findings: coverageFindings(watched),
    services: [...pages, ...others],
    traces: traceStore && agent.ports.otlp,
    routes: [route(measurements.ports.http, { host: "metrics" }), route(toAlertmanager, { host: "alerts" }), route(dashboards.ports.http, { host: grafanaHost })],
  };
}

/** The stack with the people of one environment: `monitoringStack({ contacts: { mail: secretAddress, pagerDuty: true } })`. */
export const monitoringStack = (options: MonitoringOptions) => stack("monitoring", (around) => monitoring(options, around));

export { secretAddress };
