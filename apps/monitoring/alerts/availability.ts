/** What visitors and services don't reach. */
import { blackbox } from "../catalogue/edge.ts";
import { scraped } from "../catalogue/own.ts";
import { absent, below, countBy, equals, maxOver, select, unless, type Expression } from "../expression/expression.ts";
import type { Probe, Watched } from "../watched/watched.ts";
import type { Condition, Definition } from "./definition.ts";
import { thresholds } from "./threshold.ts";

const { probe_success: probe } = blackbox.metrics;
const { up } = scraped.metrics;

/** The job that asks probes of a kind. */
export const probeJob = (kind: Probe["kind"]): string => `probe-${kind}`;

/** Those that are 0 now; of a service that this machine may do without only where it was there within the hour. */
const down = ({ maybeAbsent }: Watched, metric: typeof probe | typeof up, matchers: Parameters<typeof select>[1]): Expression => {
  const zero = equals(select(metric, matchers), 0);
  return maybeAbsent.length === 0 ? zero : unless(zero, equals(maxOver(select(metric, { ...matchers, service: { matches: maybeAbsent.join("|") } }), "1h"), 0));
};
const isDown = (metric: typeof probe | typeof up, matchers: Parameters<typeof select>[1] = {}) => (watched: Watched): readonly Condition[] => [{ expression: down(watched, metric, matchers) }];

const routedServices = (watched: Watched): readonly string[] => watched.probes.filter(({ kind }) => kind === "public").map(({ service }) => service);
const measured = (watched: Watched): readonly string[] => watched.targets.map(({ runs }) => runs);

export const availability: readonly Definition[] = [
  {
    name: "WebsiteDown",
    severity: "P1",
    category: "availability",
    overrules: ["ServiceUnreachable", "SlowResponses"],
    for: "1m",
    summary: "{{ $labels.address }} doesn't answer as it should",
    meaning: "Visitors get an error or nothing. The probe goes the way of a visitor: name, TLS, proxy, sign-in wall, service. When `ServiceUnreachable` is quiet the service itself is well, and the fault lies before it: certificate, proxy, or the wall's identity provider.",
    commands: ({ environment, service }) => [`./jlam status ${environment}`, `./jlam logs ${environment} ${service} --since 10m`, `./jlam logs ${environment} traefik --since 10m`],
    over: "the address opens in a browser, and the probe's panel is green for five minutes",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a routed service is stopped" },
    about: routedServices,
    when: isDown(probe, { job: probeJob("public") }),
  },
  {
    name: "ProbeMissing",
    severity: "P1",
    category: "availability",
    for: "2m",
    summary: "nobody asks {{ $labels.address }} any more: whether it is up is unknown",
    meaning: "The blackbox exporter, or Prometheus' job for it, gives no result for an address of the model. WebsiteDown can't fire without a series.",
    commands: ({ environment }) => [`./jlam status ${environment}`, `./jlam logs ${environment} blackbox-exporter --since 10m`, `./jlam logs ${environment} prometheus --since 10m`],
    over: "the probe's series is back in Prometheus",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "the blackbox exporter is stopped" },
    about: routedServices,
    when: ({ probes }) =>
      probes
        .filter(({ kind }) => kind === "public")
        .map(({ kind, service, address }) => ({ expression: absent(select(probe, { job: probeJob(kind), service, address })), labels: { service, address } })),
  },
  {
    name: "OutageBeyondTarget",
    severity: "P1",
    category: "availability",
    threshold: thresholds.outage,
    for: `${thresholds.outage.value / 60}m`,
    summary: "{{ $labels.address }} has been down for ten minutes, which is longer than recovery may take",
    meaning: "WebsiteDown has been firing, and what was tried didn't help. Call the next person, and decide whether to go back to the previous release or to restore.",
    commands: ({ environment, service }) => [`./jlam status ${environment}`, `./jlam logs ${environment} ${service} --since 30m`, `git log --since "1 day" --oneline -- environments/${environment}/generated`],
    over: "as WebsiteDown; then write down how long it took and why",
    dashboard: "executive-overview",
    provoke: { how: "fault", fault: "a routed service is stopped for ten minutes" },
    about: routedServices,
    when: isDown(probe, { job: probeJob("public") }),
  },
  {
    name: "ServiceUnreachable",
    severity: "P2",
    category: "availability",
    means: "down",
    for: "1m",
    summary: "{{ $labels.service }} doesn't answer inside ({{ $labels.address }})",
    meaning: "The service or the resource is stopped, hangs, or its network is gone. What depends on it keeps silent while this fires.",
    commands: ({ environment, service }) => [`./jlam status ${environment}`, `./jlam logs ${environment} ${service} --since 10m`, `docker inspect --format "{{json .State}}" jlam-${environment}-${service}-1`],
    over: "`./jlam status` calls it healthy",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a service's health page hangs up while its pages are served" },
    about: routedServices,
    when: isDown(probe, { job: { matches: `${probeJob("internal")}|${probeJob("tcp")}` } }),
  },
  {
    name: "TargetDown",
    severity: "P2",
    category: "availability",
    for: "2m",
    summary: "{{ $labels.job }} doesn't give its metrics",
    meaning: "Prometheus can't read a target of the model: it is stopped, hangs, or answers something else. Alerts that need its series are blind meanwhile.",
    commands: ({ environment, service }) => [`./jlam status ${environment}`, `./jlam logs ${environment} ${service} --since 10m`, `./jlam logs ${environment} prometheus --since 10m`],
    over: "the target is up on Prometheus' page of targets",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a target, Loki, is stopped" },
    about: measured,
    when: isDown(up),
  },
  {
    name: "TargetMissing",
    severity: "P2",
    category: "availability",
    for: "5m",
    summary: "{{ $labels.job }} is not among Prometheus' targets",
    meaning: "The model declares metrics, and the running Prometheus has no such job: it runs an older configuration, or refused the new one.",
    commands: ({ environment }) => [`./jlam logs ${environment} prometheus --since 30m`, `./jlam diff ${environment}`, `./jlam up ${environment}`],
    over: "the job is on Prometheus' page of targets",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "Prometheus gets a configuration without an exporter's job" },
    about: measured,
    when: ({ targets }) => targets.map(({ runs, service }) => ({ expression: absent(select(up, { job: runs, service })), labels: { job: runs, service } })),
  },
  {
    name: "TargetsTooFew",
    severity: "P2",
    category: "availability",
    for: "5m",
    summary: "Prometheus reads {{ $value }} targets, fewer than the model has",
    meaning: "The count of targets and probes that the model expects is part of the rule. Fewer means that jobs were lost, whichever they are.",
    commands: ({ environment }) => [`./jlam logs ${environment} prometheus --since 30m`, `./jlam synth ${environment} --check`, `./jlam up ${environment}`],
    over: "the number is back",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "Prometheus gets a configuration without two jobs" },
    about: measured,
    when: ({ targets, probes }) => [{ expression: below(countBy([], select(up)), targets.length + probes.length) }],
  },
];
