/** What every container does unless its service says why it can't. The name is the check's and the label's name. */
export type HardeningRule = "non-root" | "read-only-root" | "no-new-privileges" | "drop-all-capabilities" | "no-host-path" | "health-check";

/** Exceptions of a service, each with its reason; emitted beside the container as `nl.jlam.waiver.<rule>`. */
export type HardeningExceptions = { readonly [R in HardeningRule]?: string };
