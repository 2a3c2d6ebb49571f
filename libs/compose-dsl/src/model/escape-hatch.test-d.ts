/** The layer below the model is the whole of Compose, and nothing else. Checked by tsc alone. */
import { job, service } from "../index.ts";
import { basis, jobBasis } from "../testing/platform.fixture.ts";

service("web", { ...basis, compose: { init: true, sysctls: { "net.core.somaxconn": 1024 }, ulimits: { nofile: { soft: 1024, hard: 2048 } } } });
job("migrate", { ...jobBasis, compose: { platform: "linux/amd64" } });

// @ts-expect-error a key that Compose doesn't have
service("web", { ...basis, compose: { memory: "1G" } });

// @ts-expect-error a misspelt key
service("web", { ...basis, compose: { sysctl: {} } });

// @ts-expect-error a value of the wrong kind
service("web", { ...basis, compose: { sysctls: 3 } });

// @ts-expect-error a key inside a key that Compose doesn't have
service("web", { ...basis, compose: { ulimits: { nofile: { maximum: 2048 } } } });
