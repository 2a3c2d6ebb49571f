/** What we ask the Docker client about images. */
import { execa } from "execa";
import { z } from "zod";
import { PersonError } from "../terminal/failure.ts";
import { fullReference } from "./reference.ts";

const inspected = z.array(
  z.object({
    Id: z.string(),
    Size: z.number(),
    RepoTags: z.array(z.string()).nullish().transform((names) => names ?? []),
    RepoDigests: z.array(z.string()).nullish().transform((names) => names ?? []),
  }),
);

/**
 * Which of these images are on this machine, and their size in bytes, by the reference as it was asked for. One call
 * of the client however many there are: each takes 40 ms.
 */
export async function presentImages(references: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (references.length === 0) return new Map();
  // It fails if one of them is missing, and prints the others all the same.
  const result = await execa("docker", ["image", "inspect", ...references], { reject: false });
  const found = inspected.parse(JSON.parse(result.stdout || "[]"));
  const sizes = new Map(
    found.flatMap(({ Id, Size, RepoTags, RepoDigests }) =>
      [Id, ...RepoTags.map(fullReference), ...RepoDigests.map(fullReference)].map((name) => [name, Size] as const),
    ),
  );
  return new Map(
    references.flatMap((reference) => {
      const size = sizes.get(reference) ?? sizes.get(fullReference(reference));
      return size === undefined ? [] : [[reference, size] as const];
    }),
  );
}

/** A label of an image that is on this machine; undefined where it has none of that name. */
export async function imageLabel(reference: string, label: string): Promise<string | undefined> {
  const { stdout } = await execa("docker", ["image", "inspect", "--format", "{{json .Config.Labels}}", reference]);
  return z.record(z.string(), z.string()).nullable().parse(JSON.parse(stdout))?.[label];
}

/** Pulls an image; returns the reason if that fails. */
export async function pullImage(reference: string): Promise<string | undefined> {
  const result = await execa("docker", ["pull", "--quiet", reference], { reject: false, timeout: 15 * 60_000 });
  return result.failed ? result.stderr.trim() || result.shortMessage : undefined;
}

export interface DockerBuild {
  readonly name: string;
  readonly tag: string;
  readonly context: string;
  readonly dockerfile: string;
  /** Stage to stop at; the last one without. */
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Told every line that the build prints. */
  readonly report: (line: string) => void;
}

/**
 * Builds an image with BuildKit. The machine's certificate authorities are there as the secret `ca`, so that they are
 * in no layer. Throws a PersonError with the last lines of a build that fails.
 */
export async function dockerBuild(build: DockerBuild): Promise<void> {
  const pairs = (option: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
  const process = execa(
    "docker",
    [
      ...["buildx", "build", "--load", "--progress=plain", "--provenance=false"],
      ...["--tag", build.tag, "--file", build.dockerfile],
      ...(build.target === undefined ? [] : ["--target", build.target]),
      ...["--secret", `id=ca,src=${certificateBundle()}`],
      ...pairs("--build-arg", build.args),
      ...pairs("--label", build.labels),
      build.context,
    ],
    { reject: false, all: true, lines: true, timeout: 30 * 60_000, stdin: "ignore" },
  );
  for await (const line of process.iterable({ from: "all" })) build.report(line);
  const result = await process;
  if (!result.failed) return;
  throw new PersonError(`The image "${build.name}" could not be built.`, {
    where: build.dockerfile,
    why: result.all.slice(-15).join("\n") || result.shortMessage,
  });
}

/** File with the certificate authorities that this machine trusts; a company's or a proxy's may be among them. */
export function certificateBundle(): string {
  return process.env["SSL_CERT_FILE"] ?? "/etc/ssl/certs/ca-certificates.crt";
}
