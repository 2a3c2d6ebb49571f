/** Everything that must be there before containers can be made: declarations, files, secrets, images. */
import { checkEnvironment, formatDiagnostic, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { provideImages } from "../images/provide.ts";
import { sourcePolicy } from "../images/source.ts";
import { knownValues, provideSecrets, type ProvidedSecrets } from "../secrets/provide.ts";
import { redactor } from "../secrets/redact.ts";
import { environmentNames, loadEnvironment } from "../synth/platform.ts";
import { knownEnvironments } from "../synth/names.ts";
import { synthesise } from "../synth/synthesise.ts";
import { PersonError } from "../terminal/failure.ts";
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
  /** Ask the compiler first. */
  readonly checkTypes: boolean;
  readonly reporter: Reporter;
}

export interface Prepared {
  readonly environment: ResolvedEnvironment;
  readonly project: Project;
  readonly selection: Selection;
  readonly secrets: ProvidedSecrets;
  /** Path of the local authority's certificate; undefined where the world's own authorities are used. */
  readonly authority: string | undefined;
  /** Strikes the environment's secret values out of a text. */
  readonly redact: (text: string) => string;
}

/** Loads an environment that is booted by hand. Throws a PersonError for an unknown one, or one that is released. */
export async function loadBootable(name: string, root: string): Promise<ResolvedEnvironment> {
  knownEnvironments([name], environmentNames(root));
  const environment = await loadEnvironment(name, root);
  if (environment.node.images.kind === "replaceable") return environment;
  throw new PersonError(`${name} is not booted by hand.`, {
    where: `environments/${name}/environment.ts`,
    why: "Its images are locked to digests, and it runs on a host of its own.",
    fix: "`jlam up local` runs the same services here; docs/first-day.md tells how the others are brought up.",
  });
}

/** Prepares a boot; every part that is up to date already is left as it is. */
export async function prepare({ root, environment: name, stacks, checkTypes, reporter }: PrepareOptions): Promise<Prepared> {
  const environment = await reporter.phase("Declarations", async (report) => {
    if (checkTypes) report("checking types");
    const checked = checkTypes && (await ensureTypes(root));
    const loaded = await loadBootable(name, root);
    refuseErrors(loaded, root);
    const { written, upToDate, changed, editedByHand } = synthesise(loaded, { root, check: false, overwrite: false });
    if (!upToDate) throw editedFiles(name, editedByHand);
    const files = written ? `${count(changed.length, "file")} synthesised` : "files are up to date";
    return { value: loaded, said: `Declarations: ${checked ? "types checked, " : ""}${files}` };
  });
  const services = servicesOf(environment, stacks);
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
    selection,
    secrets,
    authority: issued?.authority,
    project: projectOf(environment, root, { variables: provision.env, profiles: selection.profiles }),
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
