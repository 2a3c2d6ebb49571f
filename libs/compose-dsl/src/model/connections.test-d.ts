/** A connection is told only what its kind of target has, under a name that was given. Checked by tsc alone. */
import { expectTypeOf } from "vitest";
import { from, mail, notBackedUp, postgres, redis, service, to, type Edge, type Resource } from "../index.ts";
import { basis } from "../testing/platform.fixture.ts";

const keeps = { owner: "platform", holds: "session-data", backup: notBackedUp("a test") } as const;
const database = postgres("app", keeps);
const sessions = redis("sessions", keeps);
const outgoing = mail("outgoing", { owner: "platform" });
const api = service("api", { ...basis, ports: { http: 80 } });

service("web", {
  ...basis,
  connects: { database, sessions: to(sessions, { because: "a test" }), api: api.ports.http, outgoing },
  settings: { NAME: from("database", "name"), CACHE: from("sessions", "host"), API: from("api", "url"), SENDER: from("outgoing", "from") },
});

// A resource knows its kind and name, an edge its target.
expectTypeOf(database).toEqualTypeOf<Resource<"postgres", "app">>();
expectTypeOf(to(database, { as: "owner" })).toEqualTypeOf<Edge<Resource<"postgres", "app">>>();

// @ts-expect-error there is no connection of this name
service("web", { ...basis, connects: { database }, settings: { HOST: from("databse", "host") } });

// @ts-expect-error without connections there is nothing to ask
service("web", { ...basis, settings: { HOST: from("database", "host") } });

// @ts-expect-error a Redis has no database name
service("web", { ...basis, connects: { sessions }, settings: { NAME: from("sessions", "name") } });

// @ts-expect-error nor has an edge to one
service("web", { ...basis, connects: { sessions: to(sessions, {}) }, settings: { NAME: from("sessions", "name") } });

// @ts-expect-error an endpoint has no password
service("web", { ...basis, connects: { api: api.ports.http }, settings: { PASSWORD: from("api", "passwordFile") } });

// @ts-expect-error no kind of target has such a part
from("database", "pasword");

// @ts-expect-error a Redis has no owner
to(sessions, { as: "owner" });

// @ts-expect-error an endpoint has no logins
to(api.ports.http, { as: "application" });

// @ts-expect-error a service is no target: one of its ports is
service("web", { ...basis, connects: { api } });
