/** The names of something new: what it is called in files, hosts and TypeScript. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PersonError } from "../terminal/failure.ts";

export interface Names {
  /** Folder, service, host and image: `order-forms`. */
  readonly name: string;
  /** The constant in TypeScript: `orderForms`. */
  readonly identifier: string;
}

/** Words that the generated file imports, or that TypeScript keeps for itself. */
const taken = new Set(
  (
    "backedUp build database file forwardAuth generated health http node port postgres route service stack to " +
    "await break case catch class const continue debugger default delete do else enum export extends false finally for function if import " +
    "in instanceof let new null package private protected public return static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

/**
 * Reads a name. A DNS label, since it becomes a host name, a container and a folder.
 * @throws PersonError for another form, or where apps/<name> is there already
 */
export function readNames(name: string, root: string): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40) {
    throw new PersonError(`"${name}" can't be the name of a service.`, {
      why: "It becomes a folder, a container and a host name.",
      fix: 'Write lower-case words with hyphens between them, at most 40 characters, such as "order-forms".',
      exitCode: 2,
    });
  }
  if (existsSync(join(root, "apps", name))) {
    throw new PersonError(`There is an apps/${name} already.`, { fix: "Choose another name, or edit its stack.ts." });
  }
  const camel = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { name, identifier: taken.has(camel) ? `${camel}Service` : camel };
}
