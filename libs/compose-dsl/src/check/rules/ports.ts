import { type Rule, place } from "../rule.ts";
import type { ResolvedEnvironment } from "../../resolve/resolved.ts";

interface Published {
  readonly service: ResolvedEnvironment["services"] extends ReadonlyMap<string, infer S> ? S : never;
  readonly port: string;
  readonly host: number;
}

function* published({ services }: ResolvedEnvironment): Iterable<Published> {
  for (const service of services.values()) {
    for (const [port, host] of Object.entries(service.node.publishes)) if (host !== undefined) yield { service, port, host };
  }
}

const isPort = (number: number): boolean => Number.isInteger(number) && number >= 1 && number <= 65_535;

export const portNumber: Rule = {
  name: "port-number",
  severity: "error",
  why: "TCP has the ports 1 to 65535",
  *check(environment) {
    const fix = "write a whole number from 1 to 65535";
    for (const { name, node } of environment.services.values()) {
      for (const { port, number } of Object.values(node.ports)) {
        if (!isPort(number)) yield { subject: `${name} ${port}`, message: `the port "${port}" of "${name}" is ${number}`, fix, at: node.at };
      }
    }
    for (const { service, port, host } of published(environment)) {
      if (!isPort(host)) yield { subject: `${service.name} ${port}`, message: `"${service.name}" publishes "${port}" as ${host}`, fix, at: service.node.at };
    }
  },
};

export const portClash: Rule = {
  name: "port-clash",
  severity: "error",
  why: "only one program can listen on a port",
  *check(environment) {
    for (const { name, node } of environment.services.values()) {
      const taken = new Map<number, string>();
      for (const { port, number } of Object.values(node.ports)) {
        const other = taken.get(number);
        if (other === undefined) taken.set(number, port);
        else {
          yield {
            subject: `${name} ${port}`,
            message: `"${name}" has two names for the port ${number}: "${other}" and "${port}"`,
            fix: "keep one name, or give each a number of its own",
            at: node.at,
          };
        }
      }
    }
    const hosts = new Map<number, Published>();
    for (const publication of published(environment)) {
      const { service, port, host } = publication;
      const other = hosts.get(host);
      if (other === undefined) hosts.set(host, publication);
      else {
        yield {
          subject: `${service.name} ${port}`,
          message: `the host's port ${host} is published by "${service.name}" and by "${other.service.name}" (${place(other.service.node.at)})`,
          fix: "publish one of them on another port",
          at: service.node.at,
        };
      }
    }
  },
};

export const hostPort: Rule = {
  name: "host-port",
  severity: "error",
  why: "a published port goes round the proxy: no TLS, no rate limit, no sign-in, and Docker opens it before the host's firewall",
  *check(environment) {
    const door = environment.proxy?.service.name;
    for (const { service, port, host } of published(environment)) {
      if (service.name === door) continue;
      yield {
        subject: `${service.name} ${port}`,
        message: `"${service.name}" publishes the host's port ${host}, and it is not the proxy`,
        fix: `lead a route to it: \`route(${service.name}.ports.${port}, { host: "…" })\`, and remove \`publishes\``,
        at: service.node.at,
      };
    }
    for (const { name, node } of environment.services.values()) {
      const opened = [...(node.compose.ports ? ["ports"] : []), ...(node.compose.network_mode === "host" ? ["network_mode: host"] : [])];
      for (const key of opened) {
        yield {
          subject: `${name} compose.${key}`,
          message: `"${name}" opens ports of the host through compose.${key}`,
          fix: "remove it, and lead a route to the service",
          at: node.at,
        };
      }
    }
  },
};

export const publishedAddress: Rule = {
  name: "published-address",
  severity: "warning",
  why: "an environment with a certificate authority of this machine is for this machine, and others in its network could reach it",
  *check({ node }) {
    const { address } = node.publishing;
    if (node.certificates.kind !== "local-authority" || address.startsWith("127.") || address === "::1") return;
    yield {
      subject: "publishing.address",
      message: `it listens on ${address}`,
      fix: 'publish on "127.0.0.1"',
      at: node.at,
    };
  },
};
