import { recovery as accounts } from "@jlam/authentik/recovery";
import authentik, { database as authDatabase, signIn } from "@jlam/authentik/stack";
import { backup, copies, sets } from "@jlam/backup/stack";
import { acme, environment, gated, lockedImages, sealedSecrets, weekend } from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { smtp } from "@jlam/mail";
import { monitoringStack, secretAddress } from "@jlam/monitoring/stack";
import { managedObjectStore } from "@jlam/object-store";
import { outgoingMail } from "@jlam/platform";
import { managedPostgres } from "@jlam/postgres";
import { redisContainer } from "@jlam/redis";
import { recovery } from "@jlam/web/recovery";
import web, { database, sessions } from "@jlam/web/stack";
import lock from "./images.lock.json" with { type: "json" };
import sealed from "./secrets.age.json" with { type: "json" };

const monitoring = monitoringStack({
  contacts: { mail: secretAddress, pagerDuty: true, jira: true, chat: true, deadMansSwitch: true },
  // GP1-XS (4 cores, 16 GB) by Scaleway's price list of 2026-08-18. A managed database's price stands here under its name (`"postgres-app"`); the dashboard names what has none.
  costs: { server: 67.76 },
});

export default environment("production", {
  domain: "jlam.nl",
  host: { memory: "16G", cpus: 4 },
  range: "10.128.0.0/12",
  publishing: { address: "0.0.0.0", http: 80, https: 443 },
  stacks: [edge, web, authentik, monitoring, backup({ keys: "provided", applications: [recovery, accounts] })],
  provides: [
    managedPostgres(database, { host: "app.postgres.jlam.nl", tls: "verify-full" }),
    managedPostgres(authDatabase, { host: "auth.postgres.jlam.nl", tls: "verify-full" }),
    redisContainer(sessions, { memory: "256M", cpus: 0.5 }),
    // The ids of keys of Scaleway: one writes and deletes nothing, one only reads, one deletes and reads no set (docs/first-day.md).
    managedObjectStore(sets, { host: "s3.nl-ams.scw.cloud", bucket: "jlam-production-backups", region: "nl-ams", accessKeys: { writer: "key-id-of-production-writer", reader: "key-id-of-production-reader", pruner: "key-id-of-production-pruner" } }),
    managedObjectStore(copies, { host: "s3.fr-par.scw.cloud", bucket: "jlam-production-backups-copy", region: "fr-par", accessKeys: { writer: "key-id-of-production-copy-writer", reader: "key-id-of-production-copy-reader", pruner: "key-id-of-production-copy-pruner" } }),
    // The user is the id of the Scaleway project, which exists from the first day on (docs/first-day.md).
    smtp(outgoingMail, { host: "smtp.tem.scaleway.com", port: 465, user: "project-id-of-production", from: "noreply@jlam.nl" }),
    signIn,
  ],
  certificates: acme({ dns: "scaleway", email: "beheer@jlam.nl", wildcard: true }),
  images: lockedImages({ registry: "rg.nl-ams.scw.cloud/jlam", lock }),
  secrets: sealedSecrets(sealed),
  releases: gated({ seenIn: "staging", soak: "2h", approvals: 1, freezes: [weekend] }),
});
