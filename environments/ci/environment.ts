import { recovery as accounts } from "@jlam/authentik/recovery";
import authentik, { database as authDatabase, signIn } from "@jlam/authentik/stack";
import signInStandIn from "@jlam/authentik/stand-in";
import { backup, copies, pruning, sets } from "@jlam/backup/stack";
import { environment, localAuthority, replaceableImages } from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { mailCatcher } from "@jlam/mail";
import { monitoringStack } from "@jlam/monitoring/stack";
import { objectStoreContainer } from "@jlam/object-store";
import { outgoingMail } from "@jlam/platform";
import { postgresContainer } from "@jlam/postgres";
import { redisContainer } from "@jlam/redis";
import { recovery } from "@jlam/web/recovery";
import web, { database, sessions } from "@jlam/web/stack";

/** The mail catcher takes them, whatever the address. */
const monitoring = monitoringStack({ contacts: { mail: "operators@jlam.localhost" } });

export default environment("ci", {
  domain: "jlam.localhost",
  host: { memory: "10G", cpus: 2 },
  range: "10.176.0.0/12",
  publishing: { address: "127.0.0.1", http: 10080, https: 10443 },
  stacks: [edge, web, authentik, signInStandIn, monitoring, backup({ keys: "throw-away", applications: [recovery, accounts] })],
  provides: [
    postgresContainer(database, { memory: "512M", cpus: 1 }, { loseAtMost: "5m" }),
    postgresContainer(authDatabase, { memory: "384M", cpus: 1 }),
    redisContainer(sessions, { memory: "128M", cpus: 0.5 }),
    objectStoreContainer(sets, { memory: "384M", cpus: 0.5 }, pruning),
    objectStoreContainer(copies, { memory: "384M", cpus: 0.5 }, pruning),
    mailCatcher(outgoingMail),
    signIn,
  ],
  certificates: localAuthority(),
  images: replaceableImages,
});
