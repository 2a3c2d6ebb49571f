/** Everything that must be there before containers can be made: declarations, files, secrets, images. */
import { checkEnvironment, formatDiagnostic, type ResolvedEnvironment, type ResolvedService } from "@jlam/compose-dsl";
import type { GivenVersion } from "../images/given-version.ts";
import { provideImages } from "../images/provide.ts";
import { sourcePolicy } from "../images/source.ts";
import { knownValues, provideSecrets, type ProvidedSecrets } from "../secrets/provide.ts";
import { redactor } from "../secrets/redact.ts";
import { synthesise } from "../synth/synthesise.ts";
import { fixOfName, PersonError } from "../terminal/failure.ts";
import { loadWithGiven } from "./bootable.ts";
import { issuedFor } from "./certificates.ts";
import { count, list } from "./format.ts";
import { wantedBy } from "./images.ts";
import { projectOf, type Project } from "./project.ts";
import { briefly, type Reporter } from "./reporter.ts";
import { leaveOut, servicesOf, type Selection } from "./selection.ts";
import { ensureTypes } from "./type-check.ts";

export interface PrepareOptions {
  readonly root: string;
  readonly environment: string;
  /** Stacks to boot; all of them when empty. */
  readonly stacks: readonly string[];
  /** Services that a person wants anew; an unknown one is refused before anything is built. */
  readonly recreate: readonly string[];
  /** Ask the compiler first. */
  readonly checkTypes: boolean;
  readonly reporter: Reporter;
}

export interface Prepared {
  readonly environment: ResolvedEnvironment;
  /** Folder of its files. */
  readonly directory: string;
  /** Given images of other versions than the declared ones, which the files were synthesised for. */
  readonly versions: readonly GivenVersion[];
  readonly project: Project;
  readonly selection: Selection;
  readonly secrets: ProvidedSecrets;
  /** Path of the local authority's certificate; undefined where the world's own authorities are used. */
  readonly authority: string | undefined;
  /** Strikes the environment's secret values out of a text. */
  readonly redact: (text: string) => string;
}

/** Prepares a boot; every part that is up to date already is left as it is. */
export async function prepare({ root, environment: name, stacks, recreate, checkTypes, reporter }: PrepareOptions): Promise<Prepared> {
  const { environment, directory, versions } = await reporter.phase("Declarations", async (report) => {
    if (checkTypes) report("checking types");
    const checked = checkTypes && (await ensureTypes(root));
    const loaded = await loadWithGiven(name, root);
    refuseErrors(loaded.environment, root);
    // The folder for given versions is this machine's own, so that nobody's edit can be in it.
    const overwrite = loaded.versions.length > 0;
    const { written, upToDate, changed, editedByHand } = synthesise(loaded.environment, { root, check: false, overwrite, directory: loaded.directory });
    if (!upToDate) throw editedFiles(name, editedByHand);
    const made = loaded.versions.map(({ image, version }) => ` for ${image} ${version}`).join(" and");
    const files = written ? `${count(changed.length, "file")} synthesised${made}` : `files${made} are up to date`;
    return { value: loaded, said: `Declarations: ${checked ? "types checked, " : ""}${files}` };
  });
  const services = servicesOf(environment, stacks);
  refuseUnknown(recreate, services);
  const issued = await issuedFor(environment, root);
  const secrets = await reporter.phase("Secrets", async () => {
    const value = provideSecrets(environment, root, issued);
    return { value, said: `Secrets: ${describeSecrets(value)}` };
  });
  const provision = await reporter.phase("Images", async (report) => {
    const value = await provideImages(wantedBy(services), {
      root,
      policy: sourcePolicy(process.env["JLAM_IMAGES"]),
      report: briefly(report),
    });
    const fetched = value.images.filter((image) => image.fetched).map((image) => image.name);
    const missing = value.missing.length === 0 ? "" : `, without ${list(value.missing.map((image) => image.name))}`;
    return { value, said: `Images: ${fetched.length > 0 ? `got ${list(fetched)}` : "all there"}${missing}` };
  });
  const selection = leaveOut(services, new Map(provision.missing.map((image) => [image.name, image.reason])));
  return {
    environment,
    directory,
    versions,
    selection,
    secrets,
    authority: issued?.authority,
    project: projectOf(environment, root, { variables: provision.env, profiles: selection.profiles }, directory),
    redact: redactor([...secrets.values, ...knownValues(root, name)]),
  };
}

function refuseErrors(environment: ResolvedEnvironment, root: string): void {
  const errors = checkEnvironment(environment).filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  throw new PersonError(`${environment.name} has ${count(errors.length, "error")} in its declarations; nothing was started.`, {
    why: errors.map((error) => formatDiagnostic(error, { colour: false, root })).join("\n"),
  });
}

function refuseUnknown(asked: readonly string[], services: readonly ResolvedService[]): void {
  const known = services.map(({ name }) => name);
  for (const name of asked) {
    if (!known.includes(name)) throw new PersonError(`There is no service "${name}" to recreate.`, { fix: fixOfName(name, known), exitCode: 2 });
  }
}

function editedFiles(name: string, files: readonly string[]): PersonError {
  return new PersonError(`${list(files.slice(0, 3))} ${files.length === 1 ? "was" : "were"} edited by hand since the last synth.`, {
    where: `environments/${name}/generated`,
    why: "Nothing was started, so that the edit isn't lost.",
    fix: "Say it in the declarations instead, and run `jlam synth --overwrite`.",
  });
}

function describeSecrets({ made, written, removed, placeholders }: ProvidedSecrets): string {
  const parts = [
    ...(made.length > 0 ? [`${made.length} made`] : []),
    ...(written.length > 0 ? [`${count(written.length, "file")} written`] : []),
    ...(removed.length > 0 ? [`${removed.length} removed`] : []),
  ];
  const standing = placeholders.length === 0 ? "" : `; a placeholder stands for ${list(placeholders.map(({ id }) => id))}`;
  return `${parts.length === 0 ? "all there" : parts.join(", ")}${standing}`;
}
