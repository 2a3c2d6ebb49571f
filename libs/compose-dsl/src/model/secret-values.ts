/** Where the values of an environment's secrets are kept. What they are for, and how long, is said where they are declared. */

/** The version of each secret that consumers are given, by its id. What isn't listed is at its first. */
export type VersionsInUse = Readonly<Record<string, number>>;

export type SecretValues =
  /** Made by the machine that boots the environment, and kept on it alone. */
  | { readonly kind: "machine" }
  /** Encrypted in git, in environments/<name>/secrets.age.json. */
  | { readonly kind: "sealed"; readonly inUse: VersionsInUse }
  /** In the key-value engine (version 2) of an OpenBao server, at `<mount>/<environment>/<id>`. */
  | { readonly kind: "openbao"; readonly address: string; readonly mount: string };

export const machineSecrets: SecretValues = { kind: "machine" };

/** What a declaration needs of secrets.age.json, which is written by `jlam secrets` only. */
export interface SealedFile {
  readonly secrets: Readonly<Record<string, { readonly use: number }>>;
}

/** `sealedSecrets(sealed)`, with `import sealed from "./secrets.age.json"`: values encrypted for the recipients beside it. */
export const sealedSecrets = ({ secrets }: SealedFile): SecretValues => ({
  kind: "sealed",
  inUse: Object.fromEntries(Object.entries(secrets).map(([id, { use }]) => [id, use])),
});

/**
 * `openBaoSecrets({ address: "https://bao.jlam.nl" })`: values from an OpenBao server instead of the file.
 *
 * @throws RangeError for an address without TLS that isn't this machine: tokens and values would be readable on the way
 */
export function openBaoSecrets({ address, mount = "jlam" }: { readonly address: string; readonly mount?: string }): SecretValues {
  const { protocol, hostname } = new URL(address);
  const isHere = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  if (protocol !== "https:" && !isHere) throw new RangeError(`OpenBao at "${address}" would be asked without TLS: write https://.`);
  return { kind: "openbao", address: address.replace(/\/$/, ""), mount };
}

/** The version of a secret that consumers of the environment are given. */
export const versionInUse = (values: SecretValues, id: string): number => (values.kind === "sealed" ? (values.inUse[id] ?? 1) : 1);
