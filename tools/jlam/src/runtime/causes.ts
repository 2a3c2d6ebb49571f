/** Why a boot failed, as far as the signs tell: a table of signs, what they mean, and what helps. Pure. */

export interface Evidence {
  /** Undefined where no single service is to blame. */
  readonly service: string | undefined;
  readonly environment: string;
  /** Last lines of its log. */
  readonly log: string;
  readonly composeOutput: string;
  /** What the engine said about starting it. */
  readonly engineError: string;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  readonly unhealthy: boolean;
  readonly healthOutput: string;
  /** Names of its volumes, which outlive it. */
  readonly volumes: readonly string[];
  /** Memory it may use, in words. */
  readonly memory: string;
}

export interface Cause {
  readonly what: string;
  readonly fix: string;
}

interface Sign {
  /** Where it shows. */
  readonly seen: (evidence: Evidence) => boolean;
  readonly cause: (evidence: Evidence) => Cause;
}

const says = (pattern: RegExp) => (evidence: Evidence) =>
  [evidence.log, evidence.composeOutput, evidence.engineError, evidence.healthOutput].some((text) => pattern.test(text));
const engineSays = (pattern: RegExp) => (evidence: Evidence) => [evidence.composeOutput, evidence.engineError].some((text) => pattern.test(text));

/** From the most certain to the vaguest; the first that is seen counts. */
const signs: readonly Sign[] = [
  {
    seen: ({ outOfMemory }) => outOfMemory,
    cause: ({ service, memory }) => ({
      what: `It needed more than the ${memory} that it may use, and the kernel ended it.`,
      fix: `Raise \`resources.memory\` of ${service ?? "the service"} where it is declared (\`jlam explain\` says where), or find out what it keeps in memory.`,
    }),
  },
  {
    seen: engineSays(/port is already allocated|address already in use|bind for .* failed/i),
    cause: () => ({ what: "A port of this machine is taken.", fix: "`jlam doctor` says by whom; stop that program and run this again." }),
  },
  {
    seen: engineSays(/pool overlaps with other one|could not find an available.*address pool|all predefined address pools/i),
    cause: () => ({
      what: "Another network on this machine uses an address range of this environment.",
      fix: "`docker network ls` lists them; remove the one that is in the way, or change `range` in environment.ts.",
    }),
  },
  {
    seen: engineSays(/pull access denied|manifest (for .* not found|unknown)|failed to resolve reference|no such image|error getting credentials|lookup .*(registry|docker\.io|ghcr\.io)|dial tcp .*(timeout|refused|no such host)/i),
    cause: () => ({
      what: "Its image is not on this machine, and no registry gives it.",
      fix: "`jlam images list` says what can be had here; JLAM_IMAGE_<NAME> names an image of your own.",
    }),
  },
  {
    seen: engineSays(/no space left on device/i),
    cause: () => ({ what: "The disk is full.", fix: "`docker system df` says what takes the room; `jlam doctor` how much there is." }),
  },
  {
    seen: says(/password authentication failed|28P01|WRONGPASS|invalid username-password pair|SASL authentication failed/i),
    cause: ({ environment }) => ({
      what: "The password is not the one that the data was made with: the volume is older than the secrets.",
      fix: `Put environments/${environment}/.state/secrets.json back, or start with empty data: \`jlam down ${environment} --volumes\`.`,
    }),
  },
  {
    seen: says(/read-only file system|EROFS/i),
    cause: ({ service }) => ({
      what: "It writes to its own file system, which is read-only.",
      fix: `Give ${service ?? "the service"} a \`tmpfs\` for that path, or a volume if the data must stay.`,
    }),
  },
  {
    seen: says(/\/run\/secrets\/\S*.{0,40}(permission denied|EACCES)|(permission denied|EACCES).{0,60}\/run\/secrets\//i),
    cause: ({ environment }) => ({
      what: "It may not read its secret file.",
      fix: `Remove environments/${environment}/.secrets and run this again: the files are written anew from the store.`,
    }),
  },
  {
    seen: says(/\/run\/secrets\/\S*.{0,40}(no such file|ENOENT|is a directory|EISDIR)|(ENOENT|no such file).{0,60}\/run\/secrets\//i),
    cause: ({ environment }) => ({
      what: "A secret file of it is missing.",
      fix: `Run \`jlam synth ${environment}\` and this again. Docker Desktop must be allowed to share the repository's folder.`,
    }),
  },
  {
    seen: engineSays(/exec: .*executable file not found|no such file or directory: unknown|exec format error/i),
    cause: () => ({
      what: "The image has not the program that it should run, or is for another processor.",
      fix: "`jlam images list` shows which image stands there, and `jlam images build` builds it anew.",
    }),
  },
  {
    seen: says(/data directory .* has (wrong ownership|invalid permissions)|permission denied|operation not permitted|EACCES|EPERM/i),
    cause: ({ volumes, environment }) => ({
      what: "It may not read or write a file: data of another user, or a right that was dropped.",
      fix:
        volumes.length > 0
          ? `If the volume ${volumes.join(", ")} comes from another image, start it empty: \`jlam down ${environment} --volumes\`.`
          : "The log names the path; a `tmpfs`, a volume or a capability in its declaration gives it the right.",
    }),
  },
  {
    seen: says(/database files are incompatible|was initialized by PostgreSQL version|not compatible with this version/i),
    cause: ({ environment }) => ({
      what: "Its data was made by another version.",
      fix: `Go back to that version, or start with empty data: \`jlam down ${environment} --volumes\`.`,
    }),
  },
  {
    seen: ({ exitCode }) => exitCode === 137,
    cause: ({ memory }) => ({
      what: `It was killed (exit code 137): by somebody, or because this machine ran out of memory. It may use ${memory}.`,
      fix: "`jlam doctor` compares this machine's memory with the sum of the limits.",
    }),
  },
  {
    seen: ({ unhealthy, healthOutput }) => unhealthy && healthOutput !== "",
    cause: ({ healthOutput }) => ({ what: `Its health check says: ${healthOutput}`, fix: "The program runs but doesn't answer as declared: look at its log, and at `health` in its declaration." }),
  },
  {
    seen: ({ unhealthy }) => unhealthy,
    cause: () => ({ what: "Its health check fails and says nothing.", fix: "Look at its log, and at `health` in its declaration." }),
  },
];

/** The likely cause; undefined where no sign is known. */
export function likelyCause(evidence: Evidence): Cause | undefined {
  return signs.find(({ seen }) => seen(evidence))?.cause(evidence);
}
