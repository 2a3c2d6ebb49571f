/** Logs, metrics and traces of Traefik's static configuration. */
import type { ClientTls } from "./middleware-access.ts";
import type { ExactlyOne, StatusRange, TraefikDuration } from "./units.ts";

/** Traefik's own log. */
export interface Log {
  /** Default ERROR. */
  readonly level?: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL" | "PANIC";
  /** Default "common". */
  readonly format?: "common" | "json";
  /** Whether "common" has no colours. Default false. */
  readonly noColor?: boolean;
  /** Default: standard output. */
  readonly filePath?: string;
  /** Megabytes after which the file is rotated. */
  readonly maxSize?: number;
  /** Days for which rotated files are kept. */
  readonly maxAge?: number;
  /** Rotated files that are kept. */
  readonly maxBackups?: number;
  /** Whether rotated files are compressed. */
  readonly compress?: boolean;
  /** Sends the log by OTLP; needs experimental.otlplogs. */
  readonly otlp?: OtlpLogs;
}

/** The log of requests. */
export interface AccessLog {
  /** Default: standard output. */
  readonly filePath?: string;
  /** Default "common". */
  readonly format?: "common" | "json" | "genericCLF";
  readonly filters?: AccessLogFilters;
  /** What of a request is logged. */
  readonly fields?: AccessLogFields;
  /** Lines that are held back before they are written. Default 0. */
  readonly bufferingSize?: number;
  /** Whether ping, dashboard and metrics are logged too. Default false. */
  readonly addInternals?: boolean;
  /** Whether it is written here also when it is sent by OTLP. Default false. @since 3.7 */
  readonly dualOutput?: boolean;
  /** Sends the log by OTLP; needs experimental.otlplogs. */
  readonly otlp?: OtlpLogs;
}

/** Which requests are logged: those that one of the filters takes. */
export interface AccessLogFilters {
  readonly statusCodes?: readonly StatusRange[];
  /** Requests that were tried again. */
  readonly retryAttempts?: boolean;
  /** Requests that took longer. */
  readonly minDuration?: TraefikDuration;
}

/** What of a request is logged. */
export interface AccessLogFields {
  /** Default "keep". */
  readonly defaultMode?: "keep" | "drop";
  /** Fields that differ, such as ClientUsername: "drop". */
  readonly names?: Readonly<Record<string, "keep" | "drop">>;
  readonly headers?: {
    /** Default "drop". */
    readonly defaultMode?: "keep" | "drop" | "redact";
    readonly names?: Readonly<Record<string, "keep" | "drop" | "redact">>;
  };
  /** Query parameters of the path; OIDC's `code` and `state` are among them. @since 3.6.18 */
  readonly queryParameters?: { /** Default "keep". */ readonly defaultMode?: "keep" | "drop" };
}

/** Where and how OTLP is sent: by gRPC or by HTTP. */
export type OtlpTransport = ExactlyOne<{
  readonly grpc: {
    /** host:port. Default localhost:4317. */
    readonly endpoint?: string;
    /** Whether TLS isn't used. Default false. */
    readonly insecure?: boolean;
    readonly headers?: Readonly<Record<string, string>>;
    readonly tls?: ClientTls;
  };
  readonly http: {
    /** URL with its path. Default https://localhost:4318. */
    readonly endpoint?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly tls?: ClientTls;
  };
}>;

/** Logs by OTLP. */
export type OtlpLogs = OtlpTransport & {
  /** Default "traefik". */
  readonly serviceName?: string;
  readonly resourceAttributes?: Readonly<Record<string, string>>;
};

/** What metrics are labelled with. */
interface MetricLabels {
  /** Default true. */
  readonly addEntryPointsLabels?: boolean;
  /** Default false. */
  readonly addRoutersLabels?: boolean;
  /** Default true. */
  readonly addServicesLabels?: boolean;
}

/** Metrics. */
export interface Metrics {
  /** Whether ping, dashboard and metrics are counted too. Default false. */
  readonly addInternals?: boolean;
  readonly prometheus?: MetricLabels & {
    /** Seconds. Default 0.1, 0.3, 1.2, 5. */
    readonly buckets?: readonly number[];
    /** Entry point that serves /metrics. Default "traefik". */
    readonly entryPoint?: string;
    /** Whether only a router to prometheus@internal serves it. Default false. */
    readonly manualRouting?: boolean;
    /** Labels of the request counters, by the request header that has their value. */
    readonly headerLabels?: Readonly<Record<string, string>>;
  };
  readonly otlp?: OtlpTransport & MetricLabels & {
    /** Seconds. Default 0.005 to 10. */
    readonly explicitBoundaries?: readonly number[];
    /** Default 10s. */
    readonly pushInterval?: TraefikDuration;
    /** Default "traefik". */
    readonly serviceName?: string;
    readonly resourceAttributes?: Readonly<Record<string, string>>;
  };
}

/** Traces, by OTLP only since Traefik 3. */
export interface Tracing {
  readonly otlp: OtlpTransport;
  /** Default "traefik". */
  readonly serviceName?: string;
  /** Share of requests that is traced, 0 to 1. Default 1. */
  readonly sampleRate?: number;
  /** Whether ping, dashboard and metrics are traced too. Default false. */
  readonly addInternals?: boolean;
  /** @since 3.3 */
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  readonly capturedRequestHeaders?: readonly string[];
  readonly capturedResponseHeaders?: readonly string[];
  /** Query parameters that aren't hidden. Default: none. */
  readonly safeQueryParams?: readonly string[];
}
