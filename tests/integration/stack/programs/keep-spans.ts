/** Stands where Tempo would: takes what the Collector sends by OTLP on 4318, and gives it back in base64 to whoever asks. */
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

const kept: Buffer[] = [];

createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    if (request.method === "POST") {
      const body = Buffer.concat(parts);
      kept.push(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
      response.setHeader("content-type", "application/x-protobuf").end();
    } else response.end(Buffer.concat(kept).toString("base64"));
  });
}).listen(4318);
