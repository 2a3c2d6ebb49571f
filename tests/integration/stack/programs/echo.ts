/** Runs behind Traefik: answers with the request as it arrived, header names as they were written, and logs its address. */
import { createServer } from "node:http";

createServer((request, response) => {
  process.stdout.write(`${request.method ?? ""} ${request.url ?? ""}\n`);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ url: request.url, headers: request.rawHeaders }));
}).listen(8000, "0.0.0.0");
