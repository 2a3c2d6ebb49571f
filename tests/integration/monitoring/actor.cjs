/**
 * What plays a part in the test environment: answers as it was told to, on 3000 as a service, on 3001 for whoever tells
 * it how, and keeps the alerts that are sent to it.
 */
const { createServer } = require("node:http");

let part = { status: Number(process.env.STATUS ?? 200), delay: 0, sick: false, metrics: "", metricsDelay: 0 };
const told = [];
const taken = [];

const bodyOf = (request) => new Promise((resolve) => {
  let body = "";
  request.on("data", (chunk) => { body += chunk; }).on("end", () => resolve(body));
});

createServer(async (request, response) => {
  const body = await bodyOf(request);
  if (request.method === "POST" && request.url === "/alerts") {
    for (const { status, labels } of JSON.parse(body).alerts) told.push({ at: Date.now(), status, labels });
    return response.end();
  }
  const status = { "/fail": 500, "/refuse": 403 }[request.url] ?? part.status;
  setTimeout(() => response.writeHead(status).end("a page"), part.delay);
}).listen(3000);

createServer(async (request, response) => {
  const body = await bodyOf(request);
  if (request.url === "/health") return part.sick ? request.destroy() : response.end("well");
  if (request.url === "/metrics") return setTimeout(() => response.setHeader("content-type", "text/plain; version=0.0.4").end(part.metrics), part.metricsDelay);
  if (request.url === "/told") return response.end(JSON.stringify(told));
  const { crash, refusals = 0, take = 0, ...next } = JSON.parse(body);
  if (crash) process.exit(1);
  // As Authentik writes it when somebody's password was wrong.
  for (let count = 0; count < refusals; count += 1) console.log(JSON.stringify({ event: "Created Event", level: "info", action: "login_failed" }));
  if (take > 0) taken.push(Buffer.alloc(take, 1));
  part = { ...part, ...next };
  response.end();
}).listen(3001);
