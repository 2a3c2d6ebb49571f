/** What every service must say about itself. Checked by tsc alone. */
import { hostPath, override, service, stack } from "../index.ts";
import { basis, tool } from "../testing/platform.fixture.ts";

const resources = { memory: "64M", cpus: 0.25 } as const;
const web = service("web", { owner: "platform", image: tool, resources });
stack("web", { services: [web] });
override(web, { resources: { memory: "128M", cpus: 0.5 } });

// @ts-expect-error nobody owns it
service("web", { image: tool, resources });

// @ts-expect-error it has no limits
service("web", { owner: "platform", image: tool });

// @ts-expect-error it limits its memory only
service("web", { owner: "platform", image: tool, resources: { memory: "64M" } });

// @ts-expect-error it runs nothing
service("web", { owner: "platform", resources });

// @ts-expect-error a user is two numbers
service("web", { ...basis, user: "www-data" });

// @ts-expect-error a zone that nobody knows
service("web", { ...basis, zone: "internet" });

// @ts-expect-error an exception from a rule that isn't there
service("web", { ...basis, exceptions: { "no-root": "a test" } });

// @ts-expect-error a path of the host without a reason
hostPath("/etc", {});

// @ts-expect-error an override can't change what a stack decides
override(web, { user: "0:0" });

// @ts-expect-error a misspelt key
service("web", { ...basis, conects: {} });
