/** Values from the key-value engine (version 2) of an OpenBao server, at `<mount>/<environment>/<id>`, each in the field `value`. */
import type { SecretValues } from "@jlam/compose-dsl";
import { z } from "zod";
import { openBaoClient } from "./client.ts";

export type OpenBao = Extract<SecretValues, { readonly kind: "openbao" }>;

const answer = z.object({ data: z.object({ data: z.object({ value: z.string() }), metadata: z.object({ version: z.number(), created_time: z.string() }) }) });

/**
 * The values of those ids that the server has, without the line's end that `bao kv put value=-` keeps.
 *
 * @param tokenFile file of a token that may read them
 * @throws PersonError where the server can't be reached, refuses the token, or keeps something else there
 */
export async function readOpenBao(server: OpenBao, environment: string, ids: readonly string[], tokenFile: string | undefined): Promise<ReadonlyMap<string, string>> {
  const client = openBaoClient(server.address, tokenFile);
  const values = new Map<string, string>();
  for (const id of ids) {
    const found = await client.read(dataPath(server, environment, id), answer);
    if (found !== undefined) values.set(id, found.data.data.value.replace(/\r?\n$/, ""));
  }
  return values;
}

/** Puts a value there, as a new version: the server keeps the ones before. */
export async function writeOpenBao(server: OpenBao, environment: string, id: string, value: string, tokenFile: string | undefined): Promise<void> {
  await openBaoClient(server.address, tokenFile).write(dataPath(server, environment, id), { data: { value } });
}

const dataPath = ({ mount }: OpenBao, environment: string, id: string): string => `${mount}/data/${environment}/${id}`;
