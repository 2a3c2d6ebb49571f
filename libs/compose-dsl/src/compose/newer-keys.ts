/**
 * Keys of Compose that the schema on npm (dclint 3.1.0, the specification as of Compose 2.38) does
 * not have yet, written by hand. `scripts/generate-compose-types.ts` puts them into the schema,
 * so that the exported types and the validation both know them.
 *
 * Versions were read from the schema that each release of Compose carries, and tried with the
 * binaries of 2.26.1, 2.30.1, 2.33.1, 2.36.0, 2.40.3 and 5.6.1 (gate.integration.test.ts, which
 * takes whichever is installed). Not here: `umask` and `networks.*.use_service_name_alias`, which
 * the specification has but no released Compose reads.
 */

/** `major.minor.patch` of a Compose release. */
export type ComposeVersion = `${number}.${number}.${number}`;

/** What a JSON file can hold. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
/** An object of a JSON file. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** One key that the npm schema lacks. */
export interface NewerKey {
  /** Where it stands in a Compose file: `*` is any name, `[]` any list entry. */
  readonly path: string;
  /** The least version of Compose that reads it. */
  readonly since: ComposeVersion;
  /** The schema's object of properties that it belongs to, as steps from the schema's root. */
  readonly among: readonly string[];
  /** Its name. */
  readonly key: string;
  /** Its schema. */
  readonly schema: JsonObject;
}

/** A definition that is the one of services with keys left out and others added. */
export interface NewerDefinition {
  readonly description: string;
  /** Keys of a service that it does not have. */
  readonly without: readonly string[];
  readonly plus: JsonObject;
  readonly required: readonly string[];
}

/** Keys of a service that neither a job nor an initialisation container has. */
const ONLY_OF_SERVICES = [
  "attach", "container_name", "deploy", "develop", "external_links", "links", "post_start", "pre_start",
  "pre_stop", "provider", "restart", "scale",
] as const;

/** Definitions that newer keys refer to. */
export const NEWER_DEFINITIONS: Readonly<Record<string, NewerDefinition>> = {
  job: {
    description: "A container that runs to completion, on a schedule or when asked for.",
    without: ONLY_OF_SERVICES,
    plus: {
      triggers: {
        type: "object",
        description: "What starts the job; at least one of both.",
        properties: {
          manual: {
            type: ["boolean", "string"],
            default: true,
            description: "Whether a person may start the job by an explicit run command.",
          },
          schedule: {
            type: "array",
            description: "When the job starts by itself.",
            items: {
              oneOf: [
                { type: "string", description: "A crontab expression." },
                {
                  type: "object",
                  required: ["cron"],
                  properties: {
                    cron: { type: "string", description: "A crontab expression, such as '0 * * * *' for every hour." },
                    timezone: { type: "string", description: "Time zone of the expression; the platform's own without it." },
                    concurrency: {
                      enum: ["forbid", "queue"],
                      default: "forbid",
                      description: "What happens when the schedule fires while the last run goes on.",
                    },
                    missed_fires: {
                      enum: ["one", "skip"],
                      default: "one",
                      description: "What happens to the times that passed while the platform was down.",
                    },
                  },
                  additionalProperties: false,
                  patternProperties: { "^x-": {} },
                },
              ],
            },
          },
        },
        minProperties: 1,
        additionalProperties: false,
        patternProperties: { "^x-": {} },
      },
    },
    required: ["triggers"],
  },
  pre_start_hook: {
    description:
      "A container that runs to completion before the service starts. What it does not set it takes from the service. " +
      "Compose 5.3 to 5.5 know only command, image, user, privileged, working_dir, environment and per_replica.",
    without: [
      ...ONLY_OF_SERVICES,
      "build", "depends_on", "expose", "extends", "healthcheck", "ports", "profiles", "stdin_open", "tty",
    ],
    plus: {
      per_replica: {
        type: ["boolean", "string"],
        default: false,
        description: "Whether it runs once for each replica instead of once for the service.",
      },
    },
    required: [],
  },
};

const BUILD = ["definitions", "service", "properties", "build", "oneOf", "1", "properties"] as const;

/** Every key that the npm schema lacks. */
export const NEWER_KEYS: readonly NewerKey[] = [
  {
    path: "services.*.build.provenance",
    since: "2.39.0",
    among: BUILD,
    key: "provenance",
    schema: { type: ["string", "boolean"], description: "Add a provenance attestation to the image." },
  },
  {
    path: "services.*.build.sbom",
    since: "2.39.0",
    among: BUILD,
    key: "sbom",
    schema: { type: ["string", "boolean"], description: "Add a software bill of materials to the image." },
  },
  {
    path: "services.*.build.no_cache_filter",
    since: "5.0.0",
    among: BUILD,
    key: "no_cache_filter",
    schema: { $ref: "#/definitions/string_or_list", description: "Stages that are built without the build cache." },
  },
  {
    path: "services.*.develop.watch[].initial_sync",
    since: "2.39.4",
    among: ["definitions", "development", "properties", "watch", "items", "properties"],
    key: "initial_sync",
    schema: { type: "boolean", description: "Synchronise once before watching begins." },
  },
  {
    path: "services.*.pre_start",
    since: "5.3.0",
    among: ["definitions", "service", "properties"],
    key: "pre_start",
    schema: {
      type: "array",
      items: { $ref: "#/definitions/pre_start_hook" },
      description:
        "Containers that run to completion, in this order, before the service starts; one that fails stops the service's start.",
    },
  },
  {
    path: "jobs",
    since: "5.6.0",
    among: ["properties"],
    key: "jobs",
    schema: {
      type: "object",
      patternProperties: { "^[a-zA-Z0-9._-]+$": { $ref: "#/definitions/job" } },
      additionalProperties: false,
      description: "Containers that run to completion.",
    },
  },
];
