/** Adding a stack to an environment: the lines it takes, and the edit of a file that is written as ours are. */
import type { Names } from "./names.ts";

export interface Addition extends Names {
  /** Whether the environment has to provide a PostgreSQL for it. */
  readonly database: boolean;
}

/** What a person adds by hand: to environment.ts in the order of the file, and to package.json. */
export function linesToAdd({ name, identifier, database }: Addition): readonly string[] {
  const provided = `${identifier}Database`;
  return [
    importLine({ name, identifier, database }),
    `stacks: [… , ${identifier}],`,
    ...(database
      ? [
          `provides: [… , postgresContainer(${provided}, { memory: "256M", cpus: 0.5 })],`,
          `  or where databases are managed: managedPostgres(${provided}, { host: "…", tls: "verify-full" })`,
        ]
      : []),
    `"dependencies": { … , "@jlam/${name}": "*" }`,
  ];
}

/** What keeps an environment from being edited: the place that was looked for. */
export interface CannotEdit {
  readonly missing: string;
}

/**
 * The text of environment.ts with the stack in it: its import where the alphabet has it, the stack last, and its database
 * in a container after those that are there. Nothing is guessed: without the place for one of them, nothing is edited,
 * and neither where databases are managed, since only a person knows the host of a new one.
 */
export function addToEnvironment(text: string, addition: Addition): string | CannotEdit {
  const { name, identifier, database } = addition;
  const imports = [...text.matchAll(/^import .* from "([^"]+)".*;\n/gm)];
  const last = imports.at(-1);
  if (last === undefined) return { missing: "an import" };
  const next = imports.find(([, specifier]) => specifier !== undefined && !specifier.startsWith(".") && specifier > `@jlam/${name}/stack`);
  const afterLast = imports.findLast(([, specifier]) => specifier?.startsWith("@") === true) ?? last;
  const importAt = next?.index ?? afterLast.index + afterLast[0].length;
  const withImport = `${text.slice(0, importAt)}${importLine(addition)}\n${text.slice(importAt)}`;

  const stacks = [...withImport.matchAll(/^( *)stacks: \[((?:[^[\]]|\[[^\]]*\])*)\]/gm)];
  const [list] = stacks;
  if (list === undefined || stacks.length !== 1) return { missing: "one list `stacks: […]`" };
  const [whole, , entries = ""] = list;
  const inLines = /,\s*$/.test(entries);
  const indent = /\n( *)\S[^\n]*\n[^\n]*$/.exec(entries)?.[1] ?? "    ";
  const added = inLines ? `${entries.replace(/\s*$/, "")}\n${indent}${identifier},\n${list[1] ?? ""}` : `${entries}${entries.trim() === "" ? "" : ", "}${identifier}`;
  const withStack = withImport.replace(whole, () => whole.replace(entries, () => added));
  if (!database) return withStack;

  const containers = [...withStack.matchAll(/^( *)postgresContainer\(.*\),\n/gm)];
  const container = containers.at(-1);
  if (container === undefined) return { missing: "a line `postgresContainer(…),` to follow" };
  const end = container.index + container[0].length;
  const line = `${container[1] ?? ""}postgresContainer(${identifier}Database, { memory: "256M", cpus: 0.5 }),\n`;
  return withStack.slice(0, end) + line + withStack.slice(end);
}

/** The text of the environment's package.json with the stack among its dependencies, in the style it is written in. */
export function addDependency(text: string, name: string): string | CannotEdit {
  const found = /"dependencies": \{([^}]*?)(\s*)\}/.exec(text);
  if (found === null) return { missing: '"dependencies"' };
  const [whole, entries = "", end = ""] = found;
  const separator = /^\s*\n\s*/.exec(entries)?.[0] ?? " ";
  const dependency = `"@jlam/${name}": "*"`;
  const list = entries.trim() === "" ? ` ${dependency} ` : `${entries},${separator}${dependency}${end}`;
  return text.replace(whole, () => `"dependencies": {${list}}`);
}

const importLine = ({ name, identifier, database }: Addition): string =>
  `import ${identifier}${database ? `, { database as ${identifier}Database }` : ""} from "@jlam/${name}/stack";`;
