import { z } from "zod";

import { portSetting, readEnvironment } from "./environment.ts";

/** Where the program listens, what it is called from outside, and how it stops. */
export interface HttpSettings {
  readonly port: number;
  readonly metricsPort: number;
  readonly healthPath: string;
  readonly readyPath: string;
  readonly metricsPath: string;
  /** Scheme, host and port that browsers see, without a slash at the end. */
  readonly publicOrigin: string;
  /** Networks whose X-Forwarded headers are believed; nobody's when empty. */
  readonly trustedProxies: readonly string[];
  /** How long new requests are still taken after the signal to stop, in milliseconds. */
  readonly shutdownDelay: number;
  /** When the program stops whatever is still running, in milliseconds after the signal. */
  readonly shutdownLimit: number;
}

const path = (fix: string) =>
  z.string().regex(/^\/[a-z0-9][a-z0-9/_-]*$/, "must be a path of lower-case letters, digits, - and _").meta({ fix });

const seconds = (fix: string, most: number) =>
  z.coerce.number("must be a number of seconds").min(0, "must not be negative").max(most, `must be at most ${most}`).meta({ fix });

const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], "must be addresses or networks such as 10.20.0.0/24");

const schema = z
  .object({
    HTTP_PORT: portSetting("set it to the port for pages, such as HTTP_PORT=3000."),
    METRICS_PORT: portSetting("set it to the port for metrics, such as METRICS_PORT=9464; not the port for pages."),
    HEALTH_PATH: path("set it to the path of the liveness check, such as HEALTH_PATH=/health."),
    READY_PATH: path("set it to the path of the readiness check, such as READY_PATH=/ready; not the path of the liveness check."),
    METRICS_PATH: path("set it to the path of the metrics, such as METRICS_PATH=/metrics."),
    PUBLIC_URL: z
      .url({ protocol: /^https?$/, error: "must be a URL that begins with https:// or http://" })
      .refine((url) => URL.parse(url)?.pathname === "/", "must have no path")
      .meta({ fix: "set it to what people type into the browser, such as PUBLIC_URL=https://jlam.localhost." }),
    TRUSTED_PROXIES: z
      .string()
      .default("")
      .transform((list) => list.split(",").map((entry) => entry.trim()).filter((entry) => entry !== ""))
      .pipe(z.array(network))
      .meta({ fix: "leave it out to trust nobody, or set it to the proxy's networks, separated by commas." }),
    // Traefik must see the readiness check fail before the port closes; it looks every second or so.
    SHUTDOWN_DELAY_SECONDS: seconds("leave it out for 2, or set it to the seconds a proxy needs to notice.", 60).default(2),
    SHUTDOWN_LIMIT_SECONDS: seconds(
      "leave it out for 15, or set it to fewer seconds than the container's stop grace period, and more than SHUTDOWN_DELAY_SECONDS.",
      600,
    ).default(15),
  })
  .superRefine((values, context) => {
    if (values.HTTP_PORT === values.METRICS_PORT) {
      context.addIssue({ code: "custom", path: ["METRICS_PORT"], message: "is the same port as HTTP_PORT" });
    }
    if (values.HEALTH_PATH === values.READY_PATH) {
      context.addIssue({ code: "custom", path: ["READY_PATH"], message: "is the same path as HEALTH_PATH" });
    }
    if (values.SHUTDOWN_DELAY_SECONDS >= values.SHUTDOWN_LIMIT_SECONDS) {
      context.addIssue({ code: "custom", path: ["SHUTDOWN_LIMIT_SECONDS"], message: "is not longer than SHUTDOWN_DELAY_SECONDS" });
    }
  });

/**
 * Reads ports, paths, PUBLIC_URL, TRUSTED_PROXIES and the SHUTDOWN_ variables.
 *
 * @throws SettingsError naming each wrong variable and its fix.
 */
export function readHttpSettings(environment: NodeJS.ProcessEnv): HttpSettings {
  const values = readEnvironment(schema, environment);
  return {
    port: values.HTTP_PORT,
    metricsPort: values.METRICS_PORT,
    healthPath: values.HEALTH_PATH,
    readyPath: values.READY_PATH,
    metricsPath: values.METRICS_PATH,
    publicOrigin: new URL(values.PUBLIC_URL).origin,
    trustedProxies: values.TRUSTED_PROXIES,
    shutdownDelay: values.SHUTDOWN_DELAY_SECONDS * 1000,
    shutdownLimit: values.SHUTDOWN_LIMIT_SECONDS * 1000,
  };
}
