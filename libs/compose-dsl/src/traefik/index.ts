/** Traefik 3.7: its configuration as types, its labels, and its rules. */

// The dynamic configuration: files of the file provider.
export type * from "./dynamic.ts";
export type * from "./tcp.ts";
export type * from "./tls.ts";

// Middlewares.
export type * from "./middleware.ts";
export type * from "./middleware-access.ts";
export type * from "./middleware-headers.ts";

// The static configuration: traefik.yml.
export type * from "./static.ts";
export type * from "./static-entry-point.ts";
export type * from "./static-observability.ts";

// Values with units.
export type { Bytes, Seconds, StatusRange, TraefikDuration } from "./units.ts";

// Labels for the docker provider, and those that must not be emitted.
export { traefikLabels } from "./labels.ts";
export type { LabelledConfiguration, LabelledServer, LabelledService } from "./labels.ts";
export { refusedLabels } from "./refused-labels.ts";
export type { RefusedLabel } from "./refused-labels.ts";
export { REMOVED_KEYS } from "./removed.ts";
export type { RemovedKey } from "./removed.ts";

// Rules of routers.
export * as rule from "./rule.ts";
export { ruleText } from "./rule.ts";
export type { Rule } from "./rule.ts";
