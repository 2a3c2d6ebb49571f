import { directory, json, notBackedUp, oidc, route, service, stack, text, volume, yaml, type Proxy } from "../../index.ts";
import { controls } from "../../testing/control.fixture.ts";
import { aDatabase, basis, door, inContainer, place, program, proxy } from "../../testing/platform.fixture.ts";
import { fileClash, mountPath } from "./files.ts";
import { nameRule, settingCollision, stackName } from "./names.ts";

const database = aDatabase("app");
const long = (length: number): string => "a".repeat(length);
const named = (name: string) => service(name, { ...basis });

const withDirectory = (files: Parameters<typeof directory>[0]): Proxy["service"] =>
  service("traefik", { ...basis, zone: "public", ports: { https: 8443 }, publishes: { https: 443 }, mounts: { "/etc/traefik/dynamic": directory(files) } });

const doorWith = (files: Parameters<typeof directory>[0]) => {
  const own = withDirectory(files);
  return [stack("edge", { services: [own], proxy: { ...proxy, service: own } })];
};

export default [
  ...controls(
    nameRule,
    ["a service has a capital letter", () => place({ services: [named("Web")] }), /"Web" can't name a service/],
    ["a service ends with a hyphen", () => place({ services: [named("web-")] }), /"web-"/],
    ["a service is longer than a DNS label", () => place({ services: [named(long(64))] }), /a{64}/],
    ["a colour's name would be longer than a DNS label", () => place({ services: [{ ...named(long(58)), release: { kind: "blue-green", drain: { ms: 1 } } }] }), /a{58}/],
    ["a secret's name is a path", () => place({ services: [{ ...named("web"), secrets: { "../KEY": { kind: "issued", part: "key" } } }] }), /can't name a secret/],
    ["a setting has a space", () => place({ services: [service("web", { ...basis, settings: { "LOG LEVEL": "info" } })] }), /can't name a setting/],
    ["a volume has a slash", () => place({ services: [service("web", { ...basis, mounts: { "/data": volume("a/b", { holds: "keys", backup: notBackedUp("test") }) } })] }), /can't name a volume/],
    [
      "the network between two long names is longer than a DNS label",
      () => {
        const api = service(`api-${long(40)}`, { ...basis, ports: { http: 80 } });
        return place({ services: [api, service(`web-${long(40)}`, { ...basis, connects: { api: api.ports.http } })] });
      },
      /web-a+--api-a+" can't name a network/,
    ],
    ["a stack has a dot", () => place({ more: [stack("a.b", { services: [] })] }), /"a\.b" can't name a stack/],
    ["the environment has an underscore", () => place({ name: "my_test" }), /can't name an environment/],
    ["all are made of small letters, digits and hyphens", () => place({ services: [named("web-2"), named(long(63))] })],
  ),
  ...controls(
    stackName,
    ["two stacks have one name", () => place({ more: [stack("app", { services: [] })] }), /two stacks are called "app"/],
    ["a stack is called like a provided resource", () => place({ provides: [inContainer(database)], more: [stack("postgres-app", { services: [] })] }), /two stacks are called "postgres-app"/],
    ["a stack is called like the joined file", () => place({ more: [stack("compose", { services: [] })] }), /file that synth writes itself/],
    ["each has its own", () => place({ provides: [inContainer(database)], more: [stack("more", { services: [] })] })],
  ),
  ...controls(
    settingCollision,
    [
      "a setting has the name of a connection's variable",
      () => place({ provides: [inContainer(database)], services: [service("web", { ...basis, image: program, connects: { database }, settings: { DATABASE_HOST: "localhost" } })] }),
      /DATABASE_HOST of "web" hides what its connection "database" gives/,
    ],
    [
      "a setting has the name of a variable that signing in gives",
      () => place({ services: [service("web", { ...basis, image: program, signIn: oidc({ callback: "/back", groups: ["members"] }), settings: { OIDC_CLIENT_ID: "me" } })] }),
      /OIDC_CLIENT_ID of "web" hides what its `signIn` gives/,
    ],
    [
      "two connections give the same variables",
      () => {
        const api = service("api", { ...basis, ports: { http: 80 } });
        return place({ services: [api, service("web", { ...basis, image: program, connects: { "the-api": api.ports.http, THE_API: api.ports.http } })] });
      },
      /"the-api" and "THE_API" of "web" both give THE_API_URL/,
    ],
    [
      "an official image names its own variables",
      () => place({ provides: [inContainer(database)], services: [service("web", { ...basis, connects: { database }, settings: { DATABASE_HOST: "localhost" } })] }),
    ],
    ["a setting has another name", () => place({ provides: [inContainer(database)], services: [service("web", { ...basis, image: program, connects: { database }, settings: { DATABASE_POOL: 5 } })] })],
  ),
  ...controls(
    mountPath,
    ["memory and a volume are at one path", () => place({ services: [service("web", { ...basis, tmpfs: { "/run/web": "1M" }, mounts: { "/run/web": text("x") } })] }), /has \/run\/web in mounts and in tmpfs/],
    ["a path ends with a slash", () => place({ services: [service("web", { ...basis, mounts: { "/etc/web/": text("x") } })] }), /not a plain absolute path/],
    ["a path climbs", () => place({ services: [service("web", { ...basis, mounts: { "/etc/../web": text("x") } })] }), /not a plain absolute path/],
    ["a mount covers the secrets", () => place({ services: [service("web", { ...basis, mounts: { "/run/secrets/KEY": text("x") } })] }), /where its secrets are/],
    ["every path is another", () => place({ services: [service("web", { ...basis, tmpfs: { "/run/web": "1M" }, mounts: { "/etc/web": text("x") } })] })],
  ),
  ...controls(
    fileClash,
    [
      "a file is mounted into a directory that has one of that name",
      () => place({ services: [service("web", { ...basis, mounts: { "/etc/a": directory({ "config.json": json({}) }), "/etc/a/config.json": json({}) } })] }),
      /\/etc\/a\/config\.json and \/etc\/a\/config\.json of "web" would both be written/,
    ],
    ["files of two folders have one name", () => place({ services: [service("web", { ...basis, mounts: { "/etc/a/config.json": json({}), "/etc/b/config.json": json({}) } })] })],
    ["a file of the proxy has the name of a derived one", () => place({ door: doorWith({ "middlewares.yaml": yaml({}) }) }), /middlewares\.yaml/],
    [
      "a file of the proxy has the name of a service that it switches",
      () => {
        const web = service("web", { ...basis, ports: { http: 80 }, release: { kind: "blue-green", drain: { ms: 1 } } });
        return place({ door: doorWith({ "web.yaml": yaml({}) }), services: [web], routes: [route(web.ports.http, { host: "@" })] });
      },
      /web\.yaml/,
    ],
    ["every file has its own name", () => place({ door: doorWith({ "tls.yaml": yaml({}) }), services: [service("web", { ...basis, mounts: { "/etc/a.json": json({}), "/etc/b.json": json({}) } })] })],
    ["the proxy has no directory of its own", () => place({ services: [door].slice(1) })],
  ),
];
