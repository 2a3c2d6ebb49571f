/**
 * The Compose specification: its types, which version reads which key, and values as Compose reads
 * them. Validation is not here, because it is slow to load: import ./validate.ts where it is needed.
 */

// The whole specification as types.
export type * from "./specification.ts";

// Which keys need a newer Compose than the oldest supported one.
export { compareVersions, keysNewerThan, KEY_SINCE, OLDEST_COMPOSE } from "./gate.ts";
export type { ComposeVersion, NewerKeyUse } from "./gate.ts";

// Scalars as text that Compose reads right.
export { bytes, durationText, environmentText, fileMode, literal, milliseconds, sizeText, variable } from "./value.ts";
