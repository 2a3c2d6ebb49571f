/** Asks a server whether the roles of a database can, and can't, do what they should. */
import { claimsQuery, missingRolesQuery } from "@jlam/postgres/verification";
import type { DatabaseName } from "@jlam/postgres/roles";
import type { ClientBase } from "pg";
import { z } from "zod";

/** One thing that was asked about a role, with the answer. */
export interface RoleFinding {
  readonly role: string;
  /** What should be true, to be read after the role's name: "can't create tables". */
  readonly claim: string;
  readonly holds: boolean;
  /** What to do when it isn't true. */
  readonly remedy: string;
}

const findings = z.array(z.object({ role: z.string(), claim: z.string(), holds: z.boolean(), remedy: z.string() }));
const missing = z.array(z.object({ name: z.string() }));

/**
 * Asks everything that must be true of the roles of a database. It changes nothing.
 *
 * @param client a connection to that database, by any role that may read the system catalogue
 * @returns one finding for each claim; where roles are missing, only findings that say so
 */
export async function verifyRoles(client: ClientBase, database: DatabaseName): Promise<readonly RoleFinding[]> {
  const absent = missing.parse((await client.query(missingRolesQuery(database))).rows);
  if (absent.length > 0) {
    return absent.map(({ name }) => ({
      role: name,
      claim: "exists",
      holds: false,
      remedy: "Run `jlam databases create-roles`.",
    }));
  }
  return findings.parse((await client.query(claimsQuery(database))).rows);
}
