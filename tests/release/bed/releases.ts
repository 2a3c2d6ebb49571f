/** Releases of the test bed's environment, made from its model as `jlam release build` makes them. */
import { createHash, randomBytes } from "node:crypto";
import { emitFiles, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { issueAuthority, issueServer, type Issued } from "../../../tools/jlam/src/certificates/issue.ts";
import type { Delivery } from "../../../tools/jlam/src/release/machine/deploy.ts";
import { itineraryOf } from "../../../tools/jlam/src/release/machine/itinerary.ts";
import { hashOf } from "../../../tools/jlam/src/release/record/canonical.ts";
import { configurationOf, sealRelease } from "../../../tools/jlam/src/release/record/release.ts";
import { filesOf } from "../../../tools/jlam/src/secrets/provide.ts";
import { settleSecrets } from "../../../tools/jlam/src/secrets/settle.ts";
import { domain } from "./environment.ts";

export interface BedSecrets {
  /** The authority whose certificate the edge serves under. */
  readonly authority: Issued;
  readonly of: (environment: ResolvedEnvironment) => ReadonlyMap<string, string>;
}

/** Secrets that stay the same from release to release, as those of a real environment do. */
export async function bedSecrets(): Promise<BedSecrets> {
  const authority = await issueAuthority(domain, new Date());
  const issued = await issueServer(authority, domain, new Date());
  let store = settleSecrets(new Map(), { store: { version: 1, values: {} }, given: new Map(), issued, random: randomBytes, now: new Date() }).store;
  return {
    authority,
    of(environment) {
      const settled = settleSecrets(environment.secrets, { store, given: new Map(), issued, random: randomBytes, now: new Date() });
      store = settled.store;
      const files = new Map<string, string>();
      for (const [service, own] of filesOf(environment, settled.values)) for (const [name, value] of own) files.set(`${service}/${name}`, value);
      return files;
    },
  };
}

/** A release of the environment with images of these digests. */
export function deliveryOf(environment: ResolvedEnvironment, secrets: BedSecrets, images: Readonly<Record<string, `sha256:${string}`>>): Delivery {
  const files = emitFiles(environment);
  const release = sealRelease({
    format: 1,
    revision: createHash("sha1").update(JSON.stringify(images)).digest("hex"),
    committedAt: new Date(0).toISOString(),
    images,
    environments: { [environment.name]: { configuration: configurationOf(files), services: {}, smoke: [] } },
    schemas: {},
  });
  return { release, itinerary: itineraryOf(environment, release, files), files, secrets: secrets.of(environment), plan: hashOf("test"), planned: undefined, approvers: [], brokenGlass: null };
}
