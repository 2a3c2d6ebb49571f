import type { Origin } from "../../model/origin.ts";
import type { ResolvedEnvironment, ResolvedSecret, ResolvedService } from "../../resolve/resolved.ts";
import { fileTexts } from "../file-texts.ts";
import { declaredAt, type Rule } from "../rule.ts";
import { isLiteralSecret, isSecretName, randomPart, secretFormat } from "../secret-text.ts";

/** A text that ends up where everybody who can list containers or read the repository reads it. */
interface OpenText {
  readonly where: string;
  /** What the text is called, as far as that says something about it. */
  readonly name: string | undefined;
  readonly text: string;
  readonly at: Origin;
  /** Programs' own files are full of long tokens; in them only what has a secret's format counts. */
  readonly isFile: boolean;
}

export const secretInValue: Rule = {
  name: "secret-in-value",
  severity: "error",
  why: "it would stand in git, in `docker inspect` and in the process list; secrets are files that only their service sees",
  *check({ services, routes, proxy }) {
    for (const service of services.values()) {
      for (const open of openTexts(service)) {
        const what = looksLike(open);
        if (what === undefined) continue;
        yield {
          subject: `${service.name} ${open.where}`,
          message: `${open.where} of "${service.name}" ${what}`,
          fix: 'declare it in `secrets`, and give the program its file: `settings: { …: file("NAME") }`',
          at: open.at,
        };
      }
    }
    for (const { name, configuration, at } of new Set([...(proxy?.everyRoute ?? []), ...routes.flatMap(({ own }) => own)])) {
      const format = secretFormat(JSON.stringify(configuration));
      if (format === undefined) continue;
      yield { subject: name, message: `the middleware "${name}" holds ${format}`, fix: "let it read a file: declare a secret of the proxy, and name its path (usersFile)", at };
    }
  },
};

function looksLike({ name, text, isFile }: OpenText): string | undefined {
  const format = secretFormat(text);
  if (format !== undefined) return `holds ${format}`;
  if (isFile) return undefined;
  if (name !== undefined && isSecretName(name) && isLiteralSecret(text)) return "has the name of a secret and a value that everybody can read";
  const isKnownHash = name !== undefined && /(REVISION|COMMIT|DIGEST|HASH|CHECKSUM|FINGERPRINT|SHA)/i.test(name);
  return !isKnownHash && randomPart(text) !== undefined ? "holds a text that looks random, as secrets do" : undefined;
}

function* openTexts(service: ResolvedService): Iterable<OpenText> {
  const { node, mounts } = service;
  for (const [name, setting] of Object.entries(node.settings)) {
    if (typeof setting === "object") continue;
    yield { where: `the setting ${name}`, name, text: typeof setting === "boolean" ? "" : String(setting), at: declaredAt(service, `settings.${name}`), isFile: false };
  }
  yield* wordsOf("the command", node.command ?? [], node.at);
  yield* wordsOf("the entry point", node.entrypoint ?? [], node.at);
  if (node.health?.kind === "command") yield* wordsOf("the health check", node.health.command, node.at);
  for (const [name, text] of texts("", node.compose)) yield { where: `compose.${name}`, name: name.slice(name.lastIndexOf(".") + 1), text, at: node.at, isFile: false };
  for (const mount of mounts) for (const text of fileTexts(mount)) yield { where: `the file ${mount.path}`, name: undefined, text, at: node.at, isFile: true };
}

/** Words of a command; `--password=x` and `--password x` say what they are. */
function* wordsOf(where: string, words: readonly string[], at: Origin): Iterable<OpenText> {
  for (const [index, word] of words.entries()) {
    const [, option, value] = /^-{0,2}([A-Za-z][A-Za-z0-9_.-]*)=(.*)$/s.exec(word) ?? [];
    const before = /^-{1,2}([A-Za-z][A-Za-z0-9_.-]*)$/.exec(words[index - 1] ?? "")?.[1];
    yield { where, name: option ?? (word.startsWith("-") ? undefined : before), text: value ?? word, at, isFile: false };
  }
}

/** Every text inside the escape hatch, with its path; entries `NAME=value` of lists count as named. */
function* texts(path: string, value: unknown): Iterable<readonly [path: string, text: string]> {
  if (typeof value === "string") {
    const [, name, text] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(value) ?? [];
    yield name !== undefined && text !== undefined ? [`${path}.${name}`, text] : [path, value];
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* texts(path === "" ? key : `${path}.${key}`, inner);
  }
}

export const secretFileClash: Rule = {
  name: "secret-file-clash",
  severity: "error",
  why: "each secret is one file below /run/secrets; two of one name would be one file",
  *check({ services }) {
    for (const { name, node, secrets } of services.values()) {
      const known = new Map<string, string>();
      for (const { file, id, why } of secrets) {
        const other = known.get(file);
        if (other === undefined) known.set(file, id);
        else {
          yield {
            subject: `${name} ${file}`,
            message: `"${name}" gets the secret file ${file} twice: ${other} and ${id}`,
            fix: "rename the secret, or the connection that brings one along",
            at: why.at ?? node.at,
          };
        }
      }
    }
  },
};

export const sharedSecret: Rule = {
  name: "shared-secret",
  severity: "error",
  why: "one name is one value, made once; who declared it first would decide for the other",
  *check({ services, secrets }: ResolvedEnvironment) {
    for (const { name, node } of services.values()) {
      for (const [file, secret] of Object.entries(node.secrets)) {
        if (secret.kind !== "generated" || secret.sharedAs === undefined) continue;
        const source: ResolvedSecret["source"] | undefined = secrets.get(secret.sharedAs)?.source;
        if (source === undefined || (source.kind === "generated" && source.sharedAs === secret.sharedAs && source.bytes === secret.bytes && source.maxAgeDays === secret.maxAgeDays)) continue;
        yield {
          subject: `${name} ${file}`,
          message: `the secret "${file}" of "${name}" is shared as "${secret.sharedAs}", which is declared differently elsewhere`,
          fix: "declare it once, as a value that both services use, or give it another name",
          at: node.at,
        };
      }
    }
  },
};
