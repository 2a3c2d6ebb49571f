/** Who tries what they may not. */
import { blackbox, traefik } from "../catalogue/edge.ts";
import { collector } from "../catalogue/own.ts";
import { above, before, both, dividedBy, either, equals, increase, rate, select, sumBy, unless } from "../expression/expression.ts";
import type { Watched } from "../watched/watched.ts";
import { probeJob } from "./availability.ts";
import { everywhere, type Definition } from "./definition.ts";
import { inWords, thresholds } from "./threshold.ts";

const failures = select(collector.metrics.sign_in_failures_total);
const forged = select(collector.metrics.forged_identity_headers_total);
const { traefik_service_requests_total: requests } = traefik.metrics;

const walled = ({ probes }: Watched): readonly string[] => probes.filter((probe) => probe.walled).map(({ service }) => service);
const commands: Definition["commands"] = ({ environment }) => [`./jlam logs ${environment} authentik-server --since 15m`, `./jlam logs ${environment} traefik --since 15m`, `./jlam status ${environment}`];

/** A counter that is born with its first events has no increase: what is new within the window counts whole. */
const newOrMore = (counter: typeof failures) => either(unless(counter, before(counter, "5m")), increase(counter, "5m"));

export const security: readonly Definition[] = [
  {
    name: "FailedSignIns",
    severity: "P2",
    category: "security",
    threshold: thresholds.signInFailures,
    for: "0s",
    summary: `more than ${inWords(thresholds.signInFailures)} sign-ins failed within five minutes`,
    meaning: "Somebody tries passwords, or many people can't get in after a change. Authentik slows an address down by itself; its event log, not ours, knows which.",
    commands,
    over: "five minutes with fewer",
    dashboard: "security-operations",
    provoke: { how: "fault", fault: "the log gets 30 refused sign-ins, as Authentik writes them" },
    when: everywhere(above(sumBy([], newOrMore(failures)), thresholds.signInFailures.value)),
  },
  {
    name: "ForgedHeaders",
    severity: "P2",
    category: "security",
    for: "0s",
    summary: "a client sent headers that only the sign-in wall may set",
    meaning: "Somebody pretends to be signed in. Behind the wall the proxy replaces these headers by its own, and what stands before it reads none, so it did nothing yet; but nobody sends them by accident.",
    commands,
    over: "five minutes without another",
    dashboard: "security-operations",
    provoke: { how: "fault", fault: "a client sends a header that only the wall may set" },
    when: everywhere(above(sumBy([], newOrMore(forged)), 0)),
  },
  {
    name: "WallOpen",
    severity: "P1",
    category: "security",
    for: "1m",
    summary: "{{ $labels.address }} lets strangers in",
    meaning: "A page for administrators answers 200 to somebody who has not signed in. Take its route away before you look for the reason.",
    commands: ({ environment }) => [`./jlam diff ${environment}`, `./jlam logs ${environment} traefik --since 15m`, `docker stop jlam-${environment}-traefik-1`],
    over: "the address sends strangers to the sign-in page",
    dashboard: "security-operations",
    provoke: { how: "fault", fault: "the identity provider lets everybody in" },
    about: walled,
    when: everywhere(equals(select(blackbox.metrics.probe_http_status_code, { job: probeJob("public"), walled: "true" }), 200)),
  },
  {
    name: "RefusalsMany",
    severity: "P2",
    category: "security",
    threshold: thresholds.refusedShare,
    for: "10m",
    summary: `more than ${inWords(thresholds.refusedShare)} of the requests to {{ $labels.service }} are refused`,
    meaning: "Somebody looks for doors (401, 403), runs into the rate limit (429), or a release forgot a right.",
    commands,
    over: "the share falls below the line",
    dashboard: "security-operations",
    provoke: { how: "fault", fault: "three requests a second are refused" },
    when: everywhere(
      both(
        above(dividedBy(sumBy(["service"], rate(select(requests, { code: { matches: "401|403|429" } }), "5m")), sumBy(["service"], rate(select(requests), "5m"))), thresholds.refusedShare.value),
        above(sumBy(["service"], rate(select(requests), "5m")), thresholds.leastRate.value * 10),
      ),
    ),
  },
];
