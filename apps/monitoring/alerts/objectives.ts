/** Error budgets: how fast what was promised is used up. Windows and factors are those of Google's SRE workbook, "Alerting on SLOs". */
import { traefik } from "../catalogue/edge.ts";
import { recorded } from "../catalogue/own.ts";
import { above, averageOver, both, bucketsOf, countOf, dividedBy, either, increase, minus, rate, select, sumBy, times, unless, type Expression, type Window } from "../expression/expression.ts";
import type { Promised, Watched } from "../watched/watched.ts";
import type { Condition, Definition } from "./definition.ts";
import { thresholds } from "./threshold.ts";

/** A rule whose result is kept as a series of its own. */
export interface Recording {
  readonly record: string;
  readonly expression: Expression;
  readonly labels: Readonly<Record<string, string>>;
}

const windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;
type SloWindow = (typeof windows)[number];
export type Slo = "availability" | "latency";

/** 95 % of answers must be fast, so one in twenty may be slow. */
const latencyBudget = 0.05;

/** The share of bad events that used up `budgetUsed` of 30 days in `long`; the short window ends the alert soon after the fault. */
const burns = {
  fast: [
    { long: "1h", short: "5m", factor: 14.4 },
    { long: "6h", short: "30m", factor: 6 },
  ],
  slow: [
    { long: "1d", short: "2h", factor: 3 },
    { long: "3d", short: "6h", factor: 1 },
  ],
} as const satisfies Record<string, readonly { readonly long: SloWindow; readonly short: SloWindow; readonly factor: number }[]>;

const m = traefik.metrics;
const recordedRatio = (window: SloWindow) => recorded.metrics[`slo:sli_error:ratio_rate${window}`];

/** Budget of an objective: the share of events that may be bad. Rounded, since 1 - 0.999 isn't 0.001 in binary. */
const availabilityBudget = ({ availability }: Promised): number => Number((1 - availability).toFixed(6));

interface Measured {
  readonly slo: Slo;
  readonly service: string;
  readonly budget: number;
  /** How many answers broke the promise within a window. */
  readonly broken: (window: Window) => Expression<"service">;
}

/** The promised time, where Traefik measures it for the service. */
const latencyOf = ({ p95Seconds, counted }: Promised): readonly number[] => (p95Seconds === undefined || counted === "entrypoint" ? [] : [p95Seconds]);

const measuredBy = (promised: readonly Promised[]): readonly Measured[] =>
  promised.flatMap((of): readonly Measured[] => [
    { slo: "availability", service: of.service, budget: availabilityBudget(of), broken: (window) => errors(of, window, increase) },
    ...latencyOf(of).map((p95Seconds) => ({ slo: "latency" as const, service: of.service, budget: latencyBudget, broken: (window: Window) => slow(of.service, p95Seconds, window, increase) })),
  ]);

/** Requests that `which` selects, counted where the service's own are: at the entry point for the proxy itself. */
const requests = ({ counted }: Promised, which: { readonly service: string; readonly code?: { readonly matches: string } }, window: Window, over: typeof rate): Expression<"service"> =>
  counted === "entrypoint" ? sumBy(["service"], over(select(m.traefik_entrypoint_requests_total, which), window)) : sumBy(["service"], over(select(m.traefik_service_requests_total, which), window));

const errors = (of: Promised, window: Window, over: typeof rate): Expression<"service"> => requests(of, { service: of.service, code: { matches: "5.." } }, window, over);

const answers = (service: string, window: Window, over: typeof rate): Expression<"service"> => sumBy(["service"], over(countOf(m.traefik_service_request_duration_seconds, { service }), window));

const slow = (service: string, p95Seconds: number, window: Window, over: typeof rate): Expression<"service"> =>
  minus(answers(service, window, over), sumBy(["service"], over(bucketsOf(m.traefik_service_request_duration_seconds, { service, le: p95Seconds }), window)));

/** Bad events among all: 0 while there are none, and no series while nobody asks. */
const ratio = (bad: Expression<"service">, all: Expression<"service">): Expression => dividedBy(either(bad, times(0, all)), above(all, 0));

const availabilityRatio = (of: Promised, window: Window): Expression => ratio(errors(of, window, rate), requests(of, { service: of.service }, window, rate));

const latencyRatio = (service: string, p95Seconds: number, window: Window): Expression => dividedBy(slow(service, p95Seconds, window, rate), above(answers(service, window, rate), 0));

/** What the burn rates and the dashboards read, for each service that promised something. */
export function recordings({ promised }: Watched): readonly Recording[] {
  const record = (slo: Slo, window: SloWindow, service: string, expression: Expression): Recording => ({ record: recordedRatio(window).name, expression, labels: { slo, service } });
  return promised.flatMap((of) => [
    ...windows.map((window) => record("availability", window, of.service, availabilityRatio(of, window))),
    ...latencyOf(of).flatMap((p95Seconds) => windows.map((window) => record("latency", window, of.service, latencyRatio(of.service, p95Seconds, window)))),
  ]);
}

/** The budget's share used over 30 days, from the short ratios: counting 30 days of requests anew would cost too much. */
export const monthlyRatios = ({ promised }: Watched): readonly Recording[] =>
  measuredBy(promised).map(({ slo, service }) => ({
    record: recorded.metrics["slo:sli_error:ratio_rate30d"].name,
    expression: averageOver(select(recordedRatio("5m"), { slo, service }), "30d"),
    labels: { slo, service },
  }));

/** A promise and the share of events that may break it within 30 days, and the series that says which share did. */
export const budgetsOf = ({ promised }: Watched) => ({
  of: measuredBy(promised).map(({ service, slo, budget: share }) => ({ service, slo, share })),
  usedUp: recorded.metrics["slo:sli_error:ratio_rate30d"].name,
});

/** Rules of one speed. A factor that would exceed the whole budget can't be reached, and is left out. */
const burning = (speed: keyof typeof burns) => ({ promised }: Watched): readonly Condition[] =>
  measuredBy(promised).flatMap(({ slo, service, budget, broken }) => {
    const pairs = burns[speed]
      .filter(({ factor }) => factor * budget < 1)
      .map(({ long, short, factor }) => {
        const limit = Number((factor * budget).toFixed(6));
        return both(above(select(recordedRatio(long), { slo, service }), limit), above(select(recordedRatio(short), { slo, service }), limit));
      });
    const [first, ...rest] = pairs;
    if (first === undefined) return [];
    const burnt = rest.reduce((all, next) => either(all, next), first);
    return [{ expression: both(burnt, above(broken(burns[speed][0].long), thresholds.brokenPromises.value), { on: ["service"] }), labels: { slo, service } }];
  });

const promisedServices = ({ promised }: Watched): readonly string[] => promised.map(({ service }) => service);
const commands: Definition["commands"] = ({ environment, service }) => [
  `./jlam logs ${environment} ${service} --since 1h`,
  `./jlam logs ${environment} traefik --since 1h`,
  `git log --since "3 days" --oneline -- environments/${environment}/generated`,
];

export const objectives: readonly Definition[] = [
  {
    name: "BudgetBurnsFast",
    severity: "P1",
    category: "objectives",
    overrules: ["BudgetBurnsSlowly"],
    for: "0s",
    summary: "{{ $labels.service }} uses up its {{ $labels.slo }} budget of 30 days within days",
    meaning: "At this rate the month's promise is broken soon: 2 % of the budget went within an hour, or 5 % within six. Going back to the previous release is usually the fastest way out.",
    commands,
    over: "the short window's share is below its line, some minutes after the fault is gone",
    dashboard: "executive-overview",
    provoke: { how: "fault", fault: "two requests a second are answered with 500, where better was promised" },
    about: promisedServices,
    when: burning("fast"),
  },
  {
    name: "BudgetBurnsSlowly",
    severity: "P2",
    category: "objectives",
    for: "0s",
    summary: "{{ $labels.service }} uses up its {{ $labels.slo }} budget faster than 30 days allow",
    meaning: "Nobody is woken for it, but the promise will be broken before the month is over: 10 % of the budget went within three days.",
    commands,
    over: "the share over six hours is below its line",
    dashboard: "executive-overview",
    provoke: { how: "unproven", because: "it needs two hours of errors" },
    about: promisedServices,
    when: burning("slow"),
  },
  {
    name: "ObjectiveUnmeasured",
    severity: "P2",
    category: "objectives",
    for: "15m",
    summary: "the time that {{ $labels.service }} promised is no bound of Traefik's histogram",
    meaning: "The rules of its latency objective have no series, so they can't fire. Traefik runs with an older configuration: it is read at its start only.",
    commands: ({ environment }) => [`./jlam check ${environment}`, "grep --line-number latencyBuckets apps/edge/traefik.ts", `./jlam synth ${environment}`],
    over: "the series with that bound is there",
    dashboard: "executive-overview",
    provoke: { how: "unproven", because: "the edge makes a bound of every promised time, so no stack can be started without one" },
    about: promisedServices,
    when: ({ promised }) =>
      promised.flatMap(({ service, p95Seconds, counted }): readonly Condition[] => {
        if (p95Seconds === undefined || counted === "entrypoint") return [];
        const histogram = m.traefik_service_request_duration_seconds;
        return [{ expression: unless(sumBy(["service"], countOf(histogram, { service })), sumBy(["service"], bucketsOf(histogram, { service, le: p95Seconds })), { on: ["service"] }) }];
      }),
  },
];
