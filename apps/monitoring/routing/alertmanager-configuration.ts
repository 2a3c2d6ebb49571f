/** Alertmanager's routes: from severity to people. */
import type { Provider } from "@jlam/compose-dsl";
import { definitions } from "../alerts/index.ts";
import { deadMansSwitch } from "../alerts/monitoring.ts";
import type { Watched } from "../watched/watched.ts";
import { secretAddress, type Contacts } from "./contacts.ts";
import { inhibitions } from "./inhibitions.ts";

/** Alertmanager reads an address from no file, but templates it does: so the secret is a template with the address in it. */
const mailTemplate = "mail.to";

/** Where Jira Service Management answers Opsgenie's API, for every customer (Atlassian's page on integrating Prometheus; prometheus/alertmanager#4244). */
const jiraApi = "https://api.atlassian.com/jsm/ops/integration/";

/** Secret files that a configuration with these contacts reads, with what a person has to fetch. */
export const contactSecrets = (contacts: Contacts): Readonly<Record<string, string>> => ({
  ...(contacts.mail === secretAddress && { ALERT_MAIL: `who gets the mails, as one line: {{ define "${mailTemplate}" }}address, another address{{ end }}` }),
  ...(contacts.pagerDuty && { PAGERDUTY_KEY: "integration key (Events API v2) of the PagerDuty service that is woken for P1" }),
  ...(contacts.jira && { JIRA_KEY: "API key of the Jira Service Management integration" }),
  ...(contacts.chat && { CHAT_WEBHOOK: "address of the chat channel's incoming webhook" }),
  ...(contacts.deadMansSwitch && { DEAD_MANS_SWITCH: "address that expects a request every minute, such as a check of Healthchecks.io" }),
});

const secret = (name: string): string => `/run/secrets/${name}`;

/** Working hours of the people who are asked; a digest goes out while nobody is interrupted. */
const timeIntervals = [
  { name: "working-hours", time_intervals: [{ weekdays: ["monday:friday"], times: [{ start_time: "09:00", end_time: "17:00" }], location: "Europe/Amsterdam" }] },
  { name: "digest", time_intervals: [{ times: [{ start_time: "08:00", end_time: "08:30" }], location: "Europe/Amsterdam" }] },
];

/** By which alerts become one message. */
const groupBy = ["alertname", "service"];

function receivers({ mail, jira, chat }: Contacts) {
  const to = mail === secretAddress ? `{{ template "${mailTemplate}" . }}` : mail;
  const byMail = { email_configs: [{ to, send_resolved: true }] };
  const byChat = chat && { slack_configs: [{ api_url_file: secret("CHAT_WEBHOOK"), send_resolved: true, title: "{{ .CommonLabels.severity }} {{ .CommonLabels.alertname }}", text: "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ end }}" }] };
  return {
    pages: { ...byMail, ...byChat },
    tickets: { ...byMail, ...byChat, ...(jira && { opsgenie_configs: [{ api_key_file: secret("JIRA_KEY"), api_url: jiraApi, priority: "P3", message: "{{ .CommonAnnotations.summary }}" }] }) },
    digest: byMail,
  };
}

/** Mail by the environment's own server, with its login where it has one. */
function mailServer({ binding }: Provider) {
  const { address, tls, user, facts } = binding;
  const [host, port] = address.kind === "container" ? [address.endpoint.service, address.endpoint.number] : [address.host, address.port];
  const login = user("sender");
  return {
    smtp_smarthost: `${host}:${port}`,
    smtp_from: facts["from"],
    smtp_require_tls: tls.kind !== "off",
    ...(login !== undefined && { smtp_auth_username: login, smtp_auth_password_file: secret("MAIL_PASSWORD") }),
  };
}

/**
 * The whole configuration. P1 goes out at once, at any hour; P2 while people work; P3 in one mail in the morning.
 * Outside its hours a route only holds messages back: what fires on is told when they begin.
 */
export function alertmanagerConfiguration(watched: Watched, contacts: Contacts, mailProvider: Provider) {
  const { pages, tickets, digest } = receivers(contacts);
  const { inbox } = contacts;
  const deadMan = contacts.deadMansSwitch ? { webhook_configs: [{ url_file: secret("DEAD_MANS_SWITCH"), send_resolved: false }] } : {};
  return {
    global: mailServer(mailProvider),
    ...(contacts.mail === secretAddress && { templates: [secret("ALERT_MAIL")] }),
    time_intervals: timeIntervals,
    route: {
      receiver: "tickets",
      group_by: groupBy,
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "4h",
      routes: [
        // Before the others, and on to them: the inbox knows no hours and no severities.
        ...(inbox ? [{ receiver: "inbox", continue: true, group_by: [...groupBy, "instance"], group_wait: "0s", group_interval: "1s", repeat_interval: "24h" }] : []),
        { receiver: "dead-mans-switch", matchers: [`alertname="${deadMansSwitch}"`], group_wait: "0s", group_interval: "30s", repeat_interval: "1m" },
        { receiver: "pages", matchers: ['severity="P1"'], group_wait: "0s", group_interval: "1m", repeat_interval: "1h" },
        { receiver: "tickets", matchers: ['severity="P2"'], active_time_intervals: ["working-hours"] },
        { receiver: "digest", matchers: ['severity="P3"'], group_by: ["severity"], group_interval: "1h", repeat_interval: "23h", active_time_intervals: ["digest"] },
      ],
    },
    inhibit_rules: inhibitions(watched, definitions),
    receivers: [
      { name: "pages", ...pages, ...(contacts.pagerDuty && { pagerduty_configs: [{ routing_key_file: secret("PAGERDUTY_KEY"), severity: "critical", description: "{{ .CommonAnnotations.summary }}" }] }) },
      { name: "tickets", ...tickets },
      { name: "digest", ...digest },
      { name: "dead-mans-switch", ...deadMan },
      ...(inbox ? [{ name: "inbox", webhook_configs: [{ url: `http://${inbox.service}:${inbox.number}/alerts`, send_resolved: true }] }] : []),
    ],
  };
}
