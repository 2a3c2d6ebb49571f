/** Grafana: dashboards from files, for whoever the wall lets in. */
import { directory, file, generated, host, http, image, port, proxyRange, scrape, service, to, url, yaml, type ConfigFile, type Endpoint } from "@jlam/compose-dsl";
import { grafanaHost } from "../watched/watch.ts";
import type { Budget } from "./budget.ts";
import { sourceUids } from "./source-uids.ts";
import { forOperators, kept, operations, wget } from "./shared.ts";

export interface DataSources {
  readonly prometheus: Endpoint;
  readonly alertmanager: Endpoint;
  readonly loki: Endpoint;
  readonly tempo: Endpoint | undefined;
}

const address = ({ service: name, number }: Endpoint): string => `http://${name}:${number}`;

/** `$` is doubled, since Grafana fills in variables of its own environment in these files. */
function dataSources({ prometheus, alertmanager, loki, tempo }: DataSources) {
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      { name: "Prometheus", uid: sourceUids.prometheus, type: "prometheus", access: "proxy", url: address(prometheus), isDefault: true, editable: false, jsonData: { timeInterval: "15s", ...(tempo && { exemplarTraceIdDestinations: [{ name: "trace_id", datasourceUid: sourceUids.tempo }] }) } },
      { name: "Alertmanager", uid: sourceUids.alertmanager, type: "alertmanager", access: "proxy", url: address(alertmanager), editable: false, jsonData: { implementation: "prometheus" } },
      { name: "Loki", uid: sourceUids.loki, type: "loki", access: "proxy", url: address(loki), editable: false, jsonData: tempo ? { derivedFields: [{ name: "trace_id", matcherType: "label", matcherRegex: "trace_id", url: "$${__value.raw}", datasourceUid: sourceUids.tempo }] } : {} },
      ...(tempo
        ? [{ name: "Tempo", uid: sourceUids.tempo, type: "tempo", access: "proxy", url: address(tempo), editable: false, jsonData: { tracesToLogsV2: { datasourceUid: sourceUids.loki, tags: [{ key: "service.name", value: "service_name" }], filterByTraceID: true }, tracesToMetrics: { datasourceUid: sourceUids.prometheus, tags: [{ key: "service.name", value: "service" }] } } }]
        : []),
    ],
  };
}

const dashboardProvider = { apiVersion: 1, providers: [{ name: "jlam", type: "file", allowUiUpdates: false, options: { path: "/var/lib/grafana-dashboards" } }] };

/** Its own accounts are off: it believes the name that the wall's identity provider sends, and from the proxy only. */
export const grafana = (budget: Budget, sources: DataSources, dashboards: Readonly<Record<string, ConfigFile>>) =>
  service("grafana", {
    ...operations,
    image: image("grafana", "docker.io/grafana/grafana:13.2.0", { registryOnly: true, probe: wget }),
    user: "472:0",
    ports: { http: 3030 },
    health: http("http", "/healthz"),
    connects: {
      prometheus: to(sources.prometheus, { because: "asks it for figures", wait: false }),
      alertmanager: to(sources.alertmanager, { because: "shows what fires", wait: false }),
      loki: to(sources.loki, { because: "asks it for log lines", wait: false }),
      ...(sources.tempo && { tempo: to(sources.tempo, { because: "asks it for traces", wait: false }) }),
    },
    secrets: { ADMINISTRATOR_PASSWORD: generated({ bytes: 24 }), SECRET_KEY: generated({ bytes: 32 }) },
    settings: {
      GF_SERVER_HTTP_PORT: port("http"),
      GF_SERVER_DOMAIN: host(grafanaHost),
      GF_SERVER_ROOT_URL: url(grafanaHost),
      GF_SECURITY_ADMIN_PASSWORD__FILE: file("ADMINISTRATOR_PASSWORD"),
      GF_SECURITY_SECRET_KEY__FILE: file("SECRET_KEY"),
      GF_SECURITY_COOKIE_SECURE: true,
      GF_AUTH_PROXY_ENABLED: true,
      GF_AUTH_PROXY_HEADER_NAME: "X-authentik-username",
      GF_AUTH_PROXY_WHITELIST: proxyRange(),
      GF_AUTH_DISABLE_LOGIN_FORM: true,
      GF_AUTH_DISABLE_SIGNOUT_MENU: true,
      GF_USERS_AUTO_ASSIGN_ORG_ROLE: "Viewer",
      GF_ANALYTICS_REPORTING_ENABLED: false,
      GF_ANALYTICS_CHECK_FOR_UPDATES: false,
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: false,
      GF_LOG_CONSOLE_FORMAT: "json",
    },
    mounts: {
      "/var/lib/grafana": kept("grafana-data", "what people starred and looked at,"),
      "/etc/grafana/provisioning/datasources": directory({ "jlam.yaml": yaml(dataSources(sources)) }),
      "/etc/grafana/provisioning/dashboards": directory({ "jlam.yaml": yaml(dashboardProvider) }),
      "/var/lib/grafana-dashboards": directory(dashboards),
    },
    metrics: scrape("http", "/metrics"),
    signIn: forOperators,
    resources: budget.grafana,
  });
