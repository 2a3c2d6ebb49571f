/** The dashboard's page. Everything that it shows comes from the server that it came from; text is only ever set as text. */

const byId = (id) => document.getElementById(id);

/** The token comes behind `#` once, and stays with this tab: neither the history nor another site learns it. */
function takeToken() {
  const given = location.hash.slice(1);
  if (given !== "" && !byId(given)) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("token") ?? "";
}

let token = takeToken();

async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { authorization: `Bearer ${token}` } });
  if (answer.ok) return answer;
  const { message, fix } = await answer.json();
  throw new Error([message, fix].filter((part) => part !== undefined).join(" "));
}

/** An element with text or further elements in it. */
function make(name, { className = "", ...properties } = {}, ...content) {
  const element = Object.assign(document.createElement(name), properties);
  if (className !== "") element.className = className;
  element.append(...content.map((part) => (typeof part === "number" ? String(part) : part)));
  return element;
}

const shown = new Map();

/** Puts elements in the place of others where something changed. Who stands on a button there stays on it. */
function show(id, ...content) {
  // What opened the dialog must be there when it closes.
  if (byId("document").open) return;
  const next = content.map(({ outerHTML }) => outerHTML).join("");
  if (shown.get(id) === next) return;
  shown.set(id, next);
  const place = byId(id);
  const buttons = () => [...place.querySelectorAll("a, button")];
  const focused = buttons().indexOf(document.activeElement);
  place.replaceChildren(...content);
  buttons()[focused]?.focus();
}

const clock = new Intl.DateTimeFormat("nl-NL", { timeZone: "Europe/Amsterdam", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** `12 s`, `4 min`, `3 h`, `2 days`. */
function lasting(since, now) {
  const seconds = Math.max(0, (Date.parse(now) - Date.parse(since)) / 1000);
  if (seconds < 60) return `${Math.round(seconds / 10) * 10} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

const mebibytes = (bytes) => `${Math.round(bytes / 1048576)} MiB`;

function stateOf({ status, health, exitCode, oneShot }) {
  if (status === "absent") return ["not started", "faint"];
  if (exitCode !== undefined) return oneShot && exitCode === 0 ? ["done", "faint"] : [`ended with ${exitCode}`, "bad"];
  if (status !== "running") return [status, "bad"];
  return [health ?? "running", { healthy: "good", starting: "warn", unhealthy: "bad" }[health] ?? ""];
}

function serviceRow(service, at) {
  const [state, tone] = stateOf(service);
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, service.service),
    make("td", { className: tone }, state),
    make("td", {}, service.since === undefined ? "" : lasting(service.since, at)),
    make("td", { className: service.restarts > 0 ? "warn" : "" }, service.restarts === 0 ? "" : `${service.restarts} ×`),
    make("td", {}, service.memory === undefined ? "" : `${mebibytes(service.memory)} of ${mebibytes(service.memoryLimit)}`),
  );
}

function alertBlock({ name, severity, since, summary }, at) {
  return make(
    "p",
    { className: `alert ${severity.toLowerCase()}` },
    make("strong", {}, `${severity} ${name}`),
    ` for ${lasting(since, at)}. ${summary} `,
    make("button", { type: "button", className: "text", onclick: () => void read(`docs/runbooks/${name}.md`) }, "Runbook"),
  );
}

function budgetLine({ service, slo, left }) {
  if (left === undefined) return make("p", { className: "faint" }, `${service}, ${slo}: nobody asked anything yet`);
  const share = `${Math.floor(left * 1000) / 10} %`;
  return make("p", { className: left < 0 ? "bad" : "" }, make("meter", { min: 0, max: 1, low: 0.25, value: Math.max(0, left), ariaLabel: `${service}, ${slo}` }), ` ${service}, ${slo}: ${share} of 30 days is left`);
}

const linkTo = (url, text) => make("a", { href: url, target: "_blank", rel: "noreferrer" }, text);

const addressLine = ({ url, service, answers, needs }) =>
  answers ? make("li", {}, linkTo(url, url), ` ${service}${needs === "" ? "" : `, needs ${needs}`}`) : make("li", { className: "faint" }, `${url} ${service}: needs ${needs}`);

/** Where Grafana is shown, or that it isn't there. */
function grafanaLine(addresses) {
  const grafana = addresses.find(({ service }) => service === "grafana");
  return grafana?.answers ? linkTo(grafana.url, "Grafana") : make("span", { className: "faint" }, "Grafana is not up");
}

function draw({ environment, at, healthy, services, addresses, monitoring }) {
  document.title = `${healthy ? "" : "! "}${environment} – jlam`;
  byId("title").textContent = environment;
  const started = services.filter(({ status }) => status !== "absent");
  byId("state").textContent = started.length === 0 ? `Down. jlam up ${environment} boots it.` : healthy ? "Everything that was started is well." : "Something isn't well.";
  byId("state").className = started.length === 0 ? "faint" : healthy ? "good" : "bad";
  show("links", make("li", {}, grafanaLine(addresses)), make("li", {}, make("button", { type: "button", className: "text", onclick: () => void read("README.md") }, "Documentation")));
  show("addresses", ...addresses.toSorted((a, b) => Number(b.answers) - Number(a.answers)).map(addressLine));
  show("service-rows", ...services.map((service) => serviceRow(service, at)));
  if (monitoring.kind === "read") {
    show("alerts", ...(monitoring.alerts.length === 0 ? [make("p", { className: "good" }, "None fires.")] : monitoring.alerts.map((alert) => alertBlock(alert, at))));
    show("budgets", ...(monitoring.budgets.length === 0 ? [make("p", { className: "faint" }, "No service promises anything.")] : monitoring.budgets.map(budgetLine)));
  } else {
    for (const id of ["alerts", "budgets"]) show(id, make("p", { className: "warn" }, `Unknown: ${monitoring.why}`));
  }
  const known = byId("log-service");
  const names = services.map(({ service }) => service);
  if (known.options.length !== names.length + 1) known.append(...names.map((name) => make("option", { value: name }, name)));
}

/** Milliseconds between two looks, as `jlam status --watch` waits. */
const pause = 2000;

async function look() {
  for (;;) {
    // A tab in the background asks nothing.
    if (!document.hidden) {
      try {
        draw(await (await ask("/api/picture")).json());
      } catch (error) {
        byId("state").textContent = error instanceof TypeError ? "The dashboard's server has stopped. `jlam dashboard` starts it." : error.message;
        byId("state").className = "bad";
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Lines that the page keeps; older ones go. */
const kept = 1000;
let reading = new AbortController();
let paused = false;

function textOf({ time, service, text, record }) {
  const message = record === undefined ? text : [record.level, record.message, ...Object.entries(record.rest).map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)].join(" ");
  return `${clock.format(new Date(time))} ${service} ${message}`;
}

function addLine(line) {
  const log = byId("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const text = textOf(line);
  const level = line.record?.level ?? "";
  const tone = /^(error|fatal|critical)$/i.test(level) ? "bad" : /^warn/i.test(level) ? "warn" : "";
  log.append(make("p", { className: tone, hidden: !text.toLowerCase().includes(byId("log-filter").value.toLowerCase()) }, text));
  while (log.childElementCount > kept) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

async function readLog() {
  reading.abort();
  const mine = (reading = new AbortController());
  byId("log").replaceChildren();
  const service = byId("log-service").value;
  while (!mine.signal.aborted) {
    try {
      const answer = await ask(`/api/logs${service === "" ? "" : `?${new URLSearchParams({ service })}`}`, { signal: mine.signal });
      let rest = "";
      for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + part).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (!mine.signal.aborted) addLine(JSON.parse(line));
      }
    } catch {
      // What keeps the log from being read is said above, by the picture that can't be read either.
    }
    if (!mine.signal.aborted) await new Promise((resolve) => setTimeout(resolve, pause));
    if (!mine.signal.aborted) byId("log").replaceChildren();
  }
}

function togglePause() {
  paused = !paused;
  byId("log-pause").setAttribute("aria-pressed", String(paused));
  if (paused) reading.abort();
  else void readLog();
}

async function lookAtTraces() {
  for (;;) {
    if (!document.hidden) {
      const { traces, missing } = await ask("/api/traces").then((answer) => answer.json(), (error) => ({ missing: error.message }));
      if (missing !== undefined) show("traces", make("p", { className: "faint" }, `None: ${missing}`));
      else if (traces.length === 0) show("traces", make("p", { className: "faint" }, "Nothing was traced yet."));
      else show("traces", make("ul", {}, ...traces.map(({ id, service, name, at, milliseconds }) => make("li", {}, `${clock.format(new Date(at))} ${service} ${name}, ${milliseconds} ms `, make("code", {}, id)))));
    }
    await new Promise((resolve) => setTimeout(resolve, 5 * pause));
  }
}

async function read(path) {
  byId("document-title").textContent = path;
  byId("document-text").textContent = await ask(`/api/document?${new URLSearchParams({ path })}`).then(async (answer) => (await answer.json()).text, (error) => error.message);
  byId("document").showModal();
}

async function listDocuments() {
  const paths = await (await ask("/api/documents")).json();
  byId("documents").replaceChildren(...paths.map((path) => make("li", {}, make("button", { type: "button", className: "text", onclick: () => void read(path) }, path))));
}

byId("log-service").addEventListener("change", () => void (paused ? togglePause() : readLog()));
byId("log-pause").addEventListener("click", togglePause);
byId("log-filter").addEventListener("input", ({ target }) => {
  for (const line of byId("log").children) line.hidden = !line.textContent.toLowerCase().includes(target.value.toLowerCase());
});
addEventListener("hashchange", () => {
  token = takeToken();
  void listDocuments();
});
void look();
void readLog();
void lookAtTraces();
void listDocuments().catch(() => undefined);
