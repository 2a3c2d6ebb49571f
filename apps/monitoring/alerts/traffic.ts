/** What visitors experience: errors, waiting, certificates, and how many they are. */
import { blackbox, traefik } from "../catalogue/edge.ts";
import { above, before, below, both, bucketsOf, countOf, dividedBy, increase, lastOver, minus, now, quantileOf, rate, select, sumBy, times } from "../expression/expression.ts";
import type { Watched } from "../watched/watched.ts";
import { probeJob } from "./availability.ts";
import { everywhere, type Definition } from "./definition.ts";
import { inWords, thresholds } from "./threshold.ts";

const { traefik_service_requests_total: requests, traefik_service_request_duration_seconds: duration, traefik_entrypoint_requests_total: arrivals } = traefik.metrics;
const serverErrors = { code: { matches: "5.." } } as const;

const routed = ({ parts }: Watched): readonly string[] => parts.filter((part) => part.routed).map(({ name }) => name);
const commands: Definition["commands"] = ({ environment, service }) => [`./jlam logs ${environment} ${service} --since 15m`, `./jlam logs ${environment} traefik --since 15m`, `git log --since "1 day" --oneline -- environments/${environment}/generated`];

/** When a certificate ends; an expired one takes its series away, so the last hour's value counts (prometheus/blackbox_exporter#1119). */
const ends = lastOver(select(blackbox.metrics.probe_ssl_earliest_cert_expiry, { job: probeJob("public") }), "1h");
const certificateCommands: Definition["commands"] = ({ environment }) => [`./jlam logs ${environment} traefik --since 24h`, `./jlam status ${environment}`, "./jlam doctor"];
const certificateMeaning = "Traefik renews certificates long before: that failed for days. Its log says why: the DNS provider's key, the authority's limits, or a name that is no longer ours. After the last day no browser opens the site.";

export const traffic: readonly Definition[] = [
  {
    name: "ErrorRateHigh",
    severity: "P1",
    category: "traffic",
    threshold: thresholds.errorShare,
    overrules: ["SlowResponses"],
    for: "5m",
    summary: `{{ $labels.service }} answers more than ${inWords(thresholds.errorShare)} of its requests with an error`,
    meaning: "People see the error page. The last release is the usual cause, then a database that it can't reach.",
    commands,
    over: "the share falls below the line",
    dashboard: "application-performance",
    provoke: { how: "fault", fault: "two requests a second are answered with 500" },
    about: routed,
    when: everywhere(
      both(
        above(dividedBy(sumBy(["service"], rate(select(requests, serverErrors), "5m")), sumBy(["service"], rate(select(requests), "5m"))), thresholds.errorShare.value),
        above(sumBy(["service"], increase(select(requests, serverErrors), "5m")), thresholds.errorCount.value),
      ),
    ),
  },
  {
    name: "SlowResponses",
    severity: "P2",
    category: "traffic",
    threshold: thresholds.answerTime,
    for: "5m",
    summary: `one in twenty requests to {{ $labels.service }} takes longer than ${inWords(thresholds.answerTime)}`,
    meaning: "Usually the database: a query without index, a lock, or too few connections. Compare with the service's own figures, which don't count the network.",
    commands,
    over: "the 95th percentile falls below the line",
    dashboard: "application-performance",
    provoke: { how: "fault", fault: "pages take 2.5 seconds" },
    about: routed,
    when: everywhere(
      both(
        above(quantileOf(0.95, sumBy(["le", "service"], rate(bucketsOf(duration), "5m"))), thresholds.answerTime.value),
        above(sumBy(["service"], rate(countOf(duration), "5m")), thresholds.leastRate.value),
      ),
    ),
  },
  {
    name: "ProbeSlow",
    severity: "P2",
    category: "traffic",
    threshold: thresholds.answerTime,
    for: "10m",
    summary: `{{ $labels.address }} takes longer than ${inWords(thresholds.answerTime)} to answer a probe`,
    meaning: "It is slow even when few ask: this one also sees the hours without visitors.",
    commands,
    over: "the probe's time falls below the line",
    dashboard: "application-performance",
    provoke: { how: "fault", fault: "a page takes 2.5 seconds, and nobody but the probe asks for it" },
    about: routed,
    when: everywhere(above(select(blackbox.metrics.probe_duration_seconds, { job: probeJob("public") }), thresholds.answerTime.value)),
  },
  {
    name: "CertificateEndsNow",
    severity: "P1",
    category: "traffic",
    threshold: thresholds.certificateUrgent,
    overrules: ["CertificateEndsSoon"],
    for: "5m",
    summary: `the certificate of {{ $labels.address }} ends in less than ${inWords(thresholds.certificateUrgent)}`,
    meaning: certificateMeaning,
    commands: certificateCommands,
    over: "the probe sees a certificate with more days",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a certificate is served that ends in two days" },
    about: routed,
    when: everywhere(below(minus(ends, now), thresholds.certificateUrgent.value)),
  },
  {
    name: "CertificateEndsSoon",
    severity: "P2",
    category: "traffic",
    threshold: thresholds.certificateSoon,
    for: "5m",
    summary: `the certificate of {{ $labels.address }} ends in less than ${inWords(thresholds.certificateSoon)}`,
    meaning: certificateMeaning,
    commands: certificateCommands,
    over: "the probe sees a certificate with more days",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a certificate is served that ends in five days" },
    about: routed,
    when: everywhere(below(minus(ends, now), thresholds.certificateSoon.value)),
  },
  {
    name: "UnusualTraffic",
    severity: "P2",
    category: "security",
    threshold: thresholds.trafficGrowth,
    for: "10m",
    summary: `{{ $value | humanize }} requests a second arrive, more than ${inWords(thresholds.trafficGrowth)} times what came an hour before`,
    meaning: "A campaign, a search engine, a client that repeats itself, or somebody who tries things. Rate limits hold back single addresses only.",
    commands,
    over: "traffic is back at what it was, or the higher level is an hour old",
    dashboard: "security-operations",
    provoke: { how: "unproven", because: "it compares with the hour before, which no test stack has" },
    about: routed,
    when: everywhere(
      both(
        above(sumBy([], rate(select(arrivals), "10m")), thresholds.trafficRate.value),
        above(sumBy([], rate(select(arrivals), "10m")), times(thresholds.trafficGrowth.value, sumBy([], rate(before(select(arrivals), "1h"), "1h")))),
      ),
    ),
  },
];
