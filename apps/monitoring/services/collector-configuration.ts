/** What the Collector does with lines, traces and figures. Nothing personal gets past it: fields are let through by name. */
import { bytes, identityHeaders, type BytesInput, type Endpoint, type ServiceNode, type Surroundings } from "@jlam/compose-dsl";

interface Options {
  readonly around: Pick<Surroundings, "environment" | "services" | "providers">;
  readonly docker: Endpoint;
  readonly loki: Endpoint;
  readonly tempo: Endpoint | undefined;
  readonly memory: BytesInput;
}

/** Fields of a JSON line that may be kept beside its message: none of them can hold what a person typed. */
export const keptFields = [
  "level", "method", "route", "status", "duration_ms", "action", "trace_id", "span_id", "source",
  // Traefik's access log (apps/edge drops addresses, paths and headers before they are written).
  "DownstreamStatus", "Duration", "RequestMethod", "RouterName", "ServiceName", "RequestHost",
  // Ours, made below: somebody outside sent what only the sign-in wall may set.
  "forged_identity",
] as const;

/**
 * What is kept of a span beside its name and its times. None of it comes from a client but the method: no path, no query,
 * no address, no program's name, no header.
 */
export const keptOfSpans = [
  "entry_point", "traefik.router.name", "traefik.service.name", "traefik.middleware.name",
  "http.request.method", "http.response.status_code", "http.route", "url.scheme", "network.protocol.version", "error.type",
] as const;

/** Looks like a mail address; and nine digits in a row, which may be a citizen service number. */
const personal = [
  { pattern: "[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\\\.[A-Za-z0-9-]+)+", instead: "<mail address>" },
  { pattern: "\\\\b[0-9]{9}\\\\b", instead: "<nine digits>" },
] as const;

const service = 'attributes.attrs["nl.jlam.service"]';
const environmentOf = 'attributes.attrs["nl.jlam.environment"]';

/** From a line in Docker's file to a record with labels: whose it is, where, and how grave. */
function operators({ around: { environment } }: Options) {
  return [
    { type: "container", format: "docker", add_metadata_from_filepath: false },
    // Other programs on the machine, and other environments, are not ours to keep.
    { type: "filter", expr: `attributes.attrs == nil or ${environmentOf} != ${JSON.stringify(environment)}` },
    { type: "copy", from: service, to: "attributes.source" },
    { type: "move", from: service, to: 'resource["service.name"]' },
    { type: "move", from: environmentOf, to: 'resource["deployment.environment.name"]' },
    { type: "json_parser", parse_from: "body", parse_to: "attributes.line", if: 'body startsWith "{"', on_error: "send_quiet" },
    {
      type: "severity_parser",
      parse_from: "attributes.line.level",
      if: "attributes.line != nil and attributes.line.level != nil",
      mapping: { info: ["notice"], warn: ["warning"], error: ["err"], fatal: ["critical", "panic"] },
      on_error: "send_quiet",
    },
    { type: "add", field: "resource.level", value: 'EXPR(attributes.line != nil and attributes.line.level != nil ? string(attributes.line.level) : "none")' },
  ];
}

/** Under which keys the services around write their message. */
const messageKeys = (services: readonly ServiceNode[]): readonly string[] => [...new Set(services.flatMap(({ logs }) => (logs.kind === "json" ? [logs.message] : [])))].sort();

/** The services behind the sign-in wall, as Traefik calls them: `grafana@docker`. */
const walledServices = (services: readonly ServiceNode[]): string => `^(${services.filter(({ signIn }) => signIn?.kind === "forward-auth").map(({ name }) => name).join("|")})(-[a-z0-9-]+)?@`;

/**
 * Marks requests that came with an identity of their own making. A request that passed the wall has these headers too,
 * from the wall itself, which replaces what was sent: there they say nothing. One that was turned away has what it came with.
 */
function forgeries({ services, providers }: Options["around"]): readonly string[] {
  const sent = identityHeaders(providers).map((header) => `log.attributes["line"]["request_${header}"] != nil`);
  if (sent.length === 0) return [];
  const line = 'log.attributes["line"]';
  const turnedAway = `(${line}["ServiceName"] == nil and ${line}["DownstreamStatus"] < 500)`;
  const notBehindTheWall = `(${line}["ServiceName"] != nil and not IsMatch(${line}["ServiceName"], "${walledServices(services)}"))`;
  return [`set(log.attributes["forged_identity"], true) where ${line} != nil and (${sent.join(" or ")}) and (${turnedAway} or ${notBehindTheWall})`];
}

const statements = (around: Options["around"]): readonly string[] => [
  ...messageKeys(around.services).map((key) => `set(log.body, log.attributes["line"]["${key}"]) where log.attributes["line"]["${key}"] != nil`),
  ...forgeries(around),
  'merge_maps(log.attributes, log.attributes["line"], "insert") where log.attributes["line"] != nil',
  `keep_keys(log.attributes, ${JSON.stringify(keptFields)})`,
  ...personal.flatMap(({ pattern, instead }) => [
    `replace_pattern(log.body, "${pattern}", "${instead}") where IsString(log.body)`,
    `replace_all_patterns(log.attributes, "value", "${pattern}", "${instead}")`,
  ]),
];

/**
 * Attributes that each restart or release would change: every one would begin new series. What Compose calls a service
 * stays, and tells the two colours of a release apart: figures of one name would contradict each other.
 */
const perContainer = ["container.id", "container.hostname", "container.image.name", "container.name", "container.runtime", "container_environment"];

/**
 * In groups of one context each. Of statements in one list the Collector takes the lowest context that any of them has for
 * all: beside one about events, those about spans reached only spans that have events.
 */
const spanStatements = [
  { context: "resource", statements: ['keep_keys(resource.attributes, ["service.name", "service.version"])'] },
  {
    context: "span",
    statements: [
      `keep_keys(span.attributes, ${JSON.stringify(keptOfSpans)})`,
      // What a client may send along, and where programs put their errors' words.
      'set(span.trace_state, "")',
      'set(span.status.message, "")',
    ],
  },
  { context: "spanevent", statements: ['keep_keys(spanevent.attributes, ["exception.type"])'] },
] as const;

/** How much of its limit the Collector fills before it refuses more; Go's own overhead takes the rest (memorylimiterprocessor's README). */
const fillable = 0.8;

/** The whole configuration; memory_limiter is first in every pipeline, as its documentation asks. */
export function collectorConfiguration(options: Options) {
  const { around, docker, loki, tempo, memory } = options;
  const toTempo = tempo && { "otlphttp/tempo": { endpoint: `http://${tempo.service}:${tempo.number}` } };
  return {
    extensions: { file_storage: { directory: "/var/lib/otelcol" } },
    receivers: {
      filelog: { include: ["/var/lib/docker/containers/*/*-json.log"], start_at: "end", storage: "file_storage", operators: operators(options) },
      otlp: { protocols: { http: { endpoint: "0.0.0.0:${env:OTLP_PORT}" } } },
      docker_stats: {
        endpoint: `tcp://${docker.service}:${docker.number}`,
        collection_interval: "15s",
        // The engine takes a second or two for each answer, and gives a few at a time.
        timeout: "12s",
        container_labels_to_metric_labels: { "nl.jlam.service": "container", "nl.jlam.environment": "container_environment", "com.docker.compose.service": "compose_service" },
        metrics: { "container.restarts": { enabled: true }, "container.uptime": { enabled: true } },
      },
    },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: Math.floor((bytes(memory).bytes / 1024 ** 2) * fillable) },
      batch: {},
      "transform/personal": { error_mode: "ignore", log_statements: statements(around) },
      "filter/ours": { error_mode: "ignore", metric_conditions: [`resource.attributes["container"] == nil or resource.attributes["container_environment"] != ${JSON.stringify(around.environment)}`] },
      // The count connector tells what is new since it told last, from the first line's time to the last one's. Only what
      // follows the former without a gap is added up by the Prometheus exporter (its accumulator.go); so both get one time.
      "transform/counts": {
        error_mode: "propagate",
        metric_statements: ["start_time_unix_nano", "time_unix_nano"].map((time) => `set(datapoint.${time}, 1) where metric.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA`),
      },
      ...(tempo && { "transform/spans": { error_mode: "propagate", trace_statements: spanStatements } }),
      "resource/steady": { attributes: perContainer.map((key) => ({ key, action: "delete" })) },
    },
    connectors: {
      count: {
        logs: {
          "log_lines": { description: "Lines written.", attributes: [{ key: "source" }, { key: "level", default_value: "none" }] },
          "sign_in_failures": { description: "Sign-ins that the identity provider refused.", conditions: ['attributes["action"] == "login_failed"'], attributes: [{ key: "source" }] },
          "forged_identity_headers": { description: "Requests from outside with headers that only the sign-in wall may set.", conditions: ['attributes["forged_identity"] == true'], attributes: [{ key: "source" }] },
        },
      },
    },
    exporters: {
      "otlphttp/loki": { endpoint: `http://${loki.service}:${loki.number}/otlp` },
      ...toTempo,
      prometheus: { endpoint: "0.0.0.0:${env:METRICS_PORT}", resource_to_telemetry_conversion: { enabled: true }, metric_expiration: "5m" },
    },
    service: {
      extensions: ["file_storage"],
      telemetry: {
        logs: { encoding: "json" },
        // Through its own receiver, so that Prometheus has one port to read.
        metrics: { readers: [{ periodic: { interval: 15_000, exporter: { otlp: { protocol: "http/protobuf", endpoint: "http://127.0.0.1:${env:OTLP_PORT}" } } } }] },
      },
      pipelines: {
        logs: { receivers: ["filelog"], processors: ["memory_limiter", "transform/personal", "batch"], exporters: ["count", "otlphttp/loki"] },
        "metrics/containers": { receivers: ["docker_stats"], processors: ["memory_limiter", "filter/ours", "resource/steady"], exporters: ["prometheus"] },
        "metrics/own": { receivers: ["otlp", "count"], processors: ["memory_limiter", "transform/counts"], exporters: ["prometheus"] },
        ...(tempo && { traces: { receivers: ["otlp"], processors: ["memory_limiter", "transform/spans", "batch"], exporters: ["otlphttp/tempo"] } }),
      },
    },
  };
}
