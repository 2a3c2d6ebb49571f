/**
 * A DNS provider's API as lego's provider httpreq asks it, in front of challtestsrv. Runs alone in its container, so it
 * imports nothing of the repository. The password is in /server/password.
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

const password = readFileSync("/server/password", "utf8");
const authorization = `Basic ${Buffer.from(`traefik:${password}`).toString("base64")}`;

const paths: Readonly<Record<string, string>> = { "/present": "set-txt", "/cleanup": "clear-txt" };

async function answer(request: IncomingMessage): Promise<number> {
  const path = paths[request.url ?? ""];
  if (path === undefined) return 404;
  if (request.headers.authorization !== authorization) return 401;
  const asked: unknown = JSON.parse(await text(request));
  if (typeof asked !== "object" || asked === null || !("fqdn" in asked) || !("value" in asked)) return 400;
  const { status } = await fetch(`http://challtestsrv:8055/${path}`, { method: "POST", body: JSON.stringify({ host: asked.fqdn, value: asked.value }) });
  return status;
}

createServer((request, response) => {
  answer(request).then(
    (status) => response.writeHead(status).end(),
    (error: unknown) => response.writeHead(502).end(String(error)),
  );
}).listen(8080);
