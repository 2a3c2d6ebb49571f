import { credential, derived, file, generated, middleware, route, service, text, to } from "../../index.ts";
import { controls } from "../../testing/control.fixture.ts";
import { aDatabase, basis, inContainer, place } from "../../testing/platform.fixture.ts";
import { secretFileClash, secretInValue, sharedSecret } from "./secrets.ts";
import { unusedSecret } from "./unused.ts";

const database = aDatabase("app");
const setting = (settings: Readonly<Record<string, string | number | boolean>>) => () => place({ services: [service("web", { ...basis, settings })] });
const command = (...words: string[]) => () => place({ services: [service("web", { ...basis, command: words })] });
// What has the very format of a secret is put together below: the scan of the repository would rightly find it.

/** Made by `openssl rand -base64 24` and `openssl rand -hex 32` for this test, and used nowhere. */
const random = "k8Qz3vXw1Tn7RbY5mJ2pLs9D";
const randomHex = "9f2c4e7a1b8d3f6059c2e4a7b1d8f3606f2c4e7a1b8d3f6059c2e4a7b1d8f360";

export default [
  ...controls(
    secretInValue,
    ["a password has a literal value", setting({ SMTP_PASSWORD: "welkom01" }), /the setting SMTP_PASSWORD of "web" has the name of a secret/],
    ["an API key has a literal value", setting({ SCALEWAY_API_KEY: "11111111-2222" }), /SCALEWAY_API_KEY/],
    ["a URL has a password", setting({ DATABASE_URL: ["postgres://app", "welkom01@db/app"].join(":") }), /a URL with a password/],
    ["a setting holds a private key", setting({ CERT: "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n" }), /a private key \(PEM\)/],
    ["a setting holds an age key", setting({ IDENTITY: "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQ" }), /an age key/],
    ["a setting holds a Scaleway access key", setting({ ACCOUNT: ["SCW", "ABCDEFGHIJKLMNOPQ"].join("") }), /a Scaleway access key/],
    ["a setting looks random", setting({ SALT: random }), /looks random/],
    ["a setting is a long hexadecimal number", setting({ SALT: randomHex }), /looks random/],
    ["a command has a password after an equals sign", command("redis-server", "--requirepass=welkom01"), /the command of "web"/],
    ["a command has a password as the next word", command("redis-server", "--requirepass", "welkom01"), /the command of "web"/],
    ["a label holds a password hash", () => place({ services: [service("web", { ...basis, compose: { labels: { users: "admin:$apr1$abcdefgh$0123456789" } } })] }), /compose\.labels\.users of "web" holds a password hash/],
    ["a file holds a private key", () => place({ services: [service("web", { ...basis, mounts: { "/etc/key": text("-----BEGIN PRIVATE KEY-----\n") } })] }), /the file \/etc\/key/],
    [
      "a middleware holds password hashes",
      () => {
        const web = service("web", { ...basis, ports: { http: 80 } });
        return place({ services: [web], routes: [route(web.ports.http, { host: "@", middlewares: [middleware("users", { basicAuth: { users: ["admin:$2y$05$abcdefghijklmnopqrstuv"] } })] })] });
      },
      /the middleware "users" holds a password hash/,
    ],
    ["a password is a file", setting({ SMTP_PASSWORD: "/run/secrets/SMTP_PASSWORD", SMTP_PASSWORD_FILE: "welkom01" })],
    ["a password is a switch", setting({ REQUIRE_PASSWORD: true, ALLOW_EMPTY_PASSWORD: "false" })],
    ["settings are paths, addresses and names", setting({ A: "/var/lib/postgresql/17/main/Data2", B: "https://example.org/Some/Path/To/2026/Something?x=1", C: "10.128.0.0/12", D: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", E: "getHttp2StreamFromPool3" })],
    ["settings are digests and revisions", setting({ IMAGE: `docker.io/library/postgres:17@sha256:${randomHex}`, INTEGRITY: "sha512-k8Qz3vXw1Tn7RbY5mJ2pLs9D", REVISION: randomHex.slice(0, 40), CONTENT_HASH: randomHex })],
    ["a command has options and a file of a password", command("psql", "--set=ON_ERROR_STOP=1", "--password-file=/run/secrets/PASSWORD", "--token-endpoint", "https://example.org/token")],
    ["a file is full of long words", () => place({ services: [service("web", { ...basis, mounts: { "/etc/words": text(random) } })] })],
  ),
  ...controls(
    unusedSecret,
    ["nothing refers to a secret", () => place({ services: [service("web", { ...basis, secrets: { KEY: generated({ bytes: 32 }) } })] }), /refers to its secret "KEY"/],
    ["a setting refers to it", () => place({ services: [service("web", { ...basis, secrets: { KEY: generated({ bytes: 32 }) }, settings: { KEY_FILE: file("KEY") } })] })],
    ["a command reads it", () => place({ services: [service("web", { ...basis, secrets: { KEY: generated({ bytes: 32 }) }, command: ["serve", "--key=/run/secrets/KEY"] })] })],
    ["a file reads it", () => place({ services: [service("web", { ...basis, secrets: { KEY: generated({ bytes: 32 }) }, mounts: { "/etc/web": text("include /run/secrets/KEY;") } })] })],
    [
      "it is only an input of another",
      () => place({ services: [service("web", { ...basis, secrets: { LIST: derived({ KEY: generated({ bytes: 32 }) }, ({ KEY }) => KEY) }, settings: { LIST_FILE: file("LIST") } })] }),
    ],
  ),
  ...controls(
    secretFileClash,
    [
      "a secret has the name of a connection's password",
      () => place({ provides: [inContainer(database)], services: [service("web", { ...basis, connects: { database }, secrets: { DATABASE_PASSWORD: generated({ bytes: 32 }) } })] }),
      /DATABASE_PASSWORD twice: web\.DATABASE_PASSWORD and postgres-app\.application/,
    ],
    ["each has its own", () => place({ provides: [inContainer(database)], services: [service("web", { ...basis, connects: { database }, secrets: { KEY: credential(database, "backup") } })] })],
  ),
  ...controls(
    sharedSecret,
    [
      "two services share a value of different lengths",
      () => place({ services: [service("a", { ...basis, secrets: { KEY: generated({ bytes: 32, sharedAs: "key" }) } }), service("b", { ...basis, secrets: { KEY: generated({ bytes: 64, sharedAs: "key" }) } })] }),
      /"KEY" of "b" is shared as "key", which is declared differently/,
    ],
    [
      "a shared name is another service's own secret",
      () => place({ services: [service("a", { ...basis, secrets: { KEY: generated({ bytes: 32 }) } }), service("b", { ...basis, secrets: { KEY: generated({ bytes: 32, sharedAs: "a.KEY" }) } })] }),
      /shared as "a\.KEY"/,
    ],
    ["both say the same", () => place({ services: [service("a", { ...basis, secrets: { KEY: generated({ bytes: 32, sharedAs: "key" }) } }), service("b", { ...basis, secrets: { KEY: generated({ bytes: 32, sharedAs: "key" }) } })] })],
    ["a login's password is not shared by name", () => place({ provides: [inContainer(database)], services: [service("b", { ...basis, connects: { database: to(database, { as: "owner" }) } })] })],
  ),
];
