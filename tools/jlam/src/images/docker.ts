/** What we ask the Docker client about images. */
import { execa } from "execa";
import { PersonError } from "../terminal/failure.ts";

/** Bytes of a local image, or undefined if there is none of that name. */
export async function imageSize(reference: string): Promise<number | undefined> {
  const result = await execa("docker", ["image", "inspect", "--format", "{{.Size}}", reference], { reject: false });
  return result.failed ? undefined : Number(result.stdout);
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
function certificateBundle(): string {
  return process.env["SSL_CERT_FILE"] ?? "/etc/ssl/certs/ca-certificates.crt";
}
