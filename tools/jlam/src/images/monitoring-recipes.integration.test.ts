/** What the recipes of the monitoring stack do, each alone. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, tryRecipes, withRecipes, type RecipeTrial } from "./recipe-trial.fixture.ts";

const nobody = "65534:65534";
const get = (url: string): readonly string[] => ["wget", "-q", "-O", "-", url];
/** Asks again every second until the answer has the text, for a minute; prints the answer. */
const retry = (command: string, text: string): readonly string[] => ["timeout", "60", "sh", "-c", `until ${command} | grep '${text}'; do sleep 1; done`];

const trials: readonly RecipeTrial[] = [
  {
    recipe: "prometheus",
    user: nobody,
    options: ["--tmpfs", "/prometheus:uid=65534,gid=65534", "--volume", `${folder}/docker-targets.yml:/docker-targets.yml:ro`],
    command: [],
    ready: get("http://127.0.0.1:9090/-/ready"),
    does: [
      ["is the version that the recipe says", ["prometheus", "--version"], /version 3\.14\.0 /],
      ["scrapes itself by its default configuration", retry("promtool query instant http://127.0.0.1:9090 up", "=> 1"), /job="prometheus"/],
      ["shows its page", get("http://127.0.0.1:9090/query"), /<title>Prometheus/],
      ["knows how to find containers by Docker", ["promtool", "check", "config", "/docker-targets.yml"], /SUCCESS/],
    ],
  },
  {
    recipe: "alertmanager",
    user: nobody,
    options: ["--tmpfs", "/alertmanager:uid=65534,gid=65534", "--volume", `${folder}/office-hours.yml:/etc/alertmanager/alertmanager.yml:ro`],
    command: [],
    ready: get("http://127.0.0.1:9093/-/ready"),
    does: [
      ["is the version that the recipe says", ["alertmanager", "--version"], /version 0\.34\.2 /],
      ["knows the time of Amsterdam", ["amtool", "check-config", "/etc/alertmanager/alertmanager.yml"], /SUCCESS/],
      ["takes an alert", ["amtool", "--alertmanager.url=http://127.0.0.1:9093", "alert", "add", "SiteDown", "service=web"], /^$/],
      ["tells the alerts that it has", ["amtool", "--alertmanager.url=http://127.0.0.1:9093", "alert", "query", "-o", "json"], /"alertname":\s*"SiteDown"/],
      ["shows its page", get("http://127.0.0.1:9093/"), /<script type="module"/],
    ],
  },
  {
    recipe: "blackbox-exporter",
    user: nobody,
    options: [],
    command: [],
    ready: get("http://127.0.0.1:9115/-/healthy"),
    does: [
      ["is the version that the recipe says", ["blackbox_exporter", "--version"], /version 0\.26\.0 /],
      ["tells a port that answers", get("http://127.0.0.1:9115/probe?module=tcp_connect&target=127.0.0.1:9115"), /^probe_success 1$/m],
      ["tells a port that doesn't", get("http://127.0.0.1:9115/probe?module=tcp_connect&target=127.0.0.1:1"), /^probe_success 0$/m],
    ],
  },
  {
    recipe: "node-exporter",
    user: nobody,
    options: [],
    command: [],
    ready: get("http://127.0.0.1:9100/metrics"),
    does: [
      ["is the version that the recipe says", ["node_exporter", "--version"], /version 1\.9\.0 /],
      ["measures memory", get("http://127.0.0.1:9100/metrics"), /^node_memory_MemAvailable_bytes [1-9]/m],
    ],
    endsWith: 2,
  },
  {
    recipe: "postgres-exporter",
    user: nobody,
    options: ["--env", "DATA_SOURCE_URI=127.0.0.1:5432/postgres?sslmode=disable"],
    command: [],
    ready: get("http://127.0.0.1:9187/metrics"),
    does: [
      ["is the version that the recipe says", ["postgres_exporter", "--version"], /version 0\.17\.1 /],
      ["tells a database that doesn't answer", get("http://127.0.0.1:9187/metrics"), /^pg_up 0$/m],
    ],
    endsWith: 2,
  },
  {
    recipe: "redis-exporter",
    user: "59000:59000",
    options: [],
    command: [],
    ready: get("http://127.0.0.1:9121/health"),
    does: [
      ["is the version that the recipe says", get("http://127.0.0.1:9121/metrics"), /version="1\.69\.0/],
      ["tells a Redis that doesn't answer", get("http://127.0.0.1:9121/metrics"), /^redis_up 0$/m],
    ],
  },
];

withRecipes(trials.map(({ recipe }) => recipe), () => {
  writeYaml("docker-targets.yml", { scrape_configs: [{ job_name: "docker", docker_sd_configs: [{ host: "tcp://proxy:2375" }] }] });
  writeYaml("office-hours.yml", {
    route: { receiver: "nobody", routes: [{ receiver: "nobody", active_time_intervals: ["office"] }] },
    receivers: [{ name: "nobody" }],
    time_intervals: [{ name: "office", time_intervals: [{ weekdays: ["monday:friday"], location: "Europe/Amsterdam" }] }],
  });
});

tryRecipes(trials);

/** JSON is YAML too. */
function writeYaml(name: string, content: unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(content), { mode: 0o444 });
}
