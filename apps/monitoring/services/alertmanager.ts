/** Alertmanager: who hears of what, and when. */
import { http, image, provided, scrape, service, to, yaml, type Provider } from "@jlam/compose-dsl";
import { outgoingMail } from "@jlam/platform";
import { alertmanagerConfiguration, contactSecrets } from "../routing/alertmanager-configuration.ts";
import type { Contacts } from "../routing/contacts.ts";
import type { Watched } from "../watched/watched.ts";
import type { Budget } from "./budget.ts";
import { forOperatorsAndMachines, kept, nobody, operations, wget } from "./shared.ts";

export const alertmanagerName = "alertmanager";
export const alertmanagerPorts = { http: 9093 } as const;

export function alertmanager(watched: Watched, budget: Budget, contacts: Contacts, mail: Provider) {
  const secrets = Object.entries(contactSecrets(contacts));
  return service(alertmanagerName, {
    ...operations,
    image: image("alertmanager", "docker.io/prom/alertmanager:v0.34.2", { probe: wget }),
    user: nobody,
    // It is alone: without an address for others it waits for none.
    command: ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager", "--cluster.listen-address="],
    ports: alertmanagerPorts,
    health: http("http", "/-/healthy"),
    connects: {
      mail: to(outgoingMail, { because: "writes to who is on call" }),
      ...(contacts.inbox && { inbox: to(contacts.inbox, { because: "tells every alert", wait: false }) }),
    },
    secrets: Object.fromEntries(secrets.map(([name, description]) => [name, provided(description)])),
    mounts: {
      "/alertmanager": kept("alertmanager-data", "silences, and which messages went out,"),
      "/etc/alertmanager/alertmanager.yml": yaml(alertmanagerConfiguration(watched, contacts, mail)),
    },
    metrics: scrape("http", "/metrics"),
    signIn: forOperatorsAndMachines,
    ...(secrets.length > 0 && { reachesOutside: "tells people's telephones, tickets and channels" }),
    resources: budget.alertmanager,
  });
}
