/** Only what can happen can be waited for. Checked by tsc alone. */
import { expectTypeOf } from "vitest";
import { job, service, type ServiceNode } from "../index.ts";
import { aDatabase, alive, basis, jobBasis } from "../testing/platform.fixture.ts";
import type { Milestone } from "./resource.ts";

const api = service("api", { ...jobBasis, health: alive });
const sleeper = service("sleeper", { ...jobBasis });
const migrate = job("migrate", { ...jobBasis });
const database = aDatabase("app");

expectTypeOf(api.healthy).toEqualTypeOf<Milestone>();
expectTypeOf(migrate.completed).toEqualTypeOf<Milestone>();
service("web", { ...basis, startsAfter: [api.healthy, migrate.completed, database.healthy] });

// @ts-expect-error a service without a health check never becomes healthy
void sleeper.healthy;

// @ts-expect-error a service never completes
void api.completed;

// @ts-expect-error a job ends, so it has no health
void migrate.healthy;

// @ts-expect-error a service is no milestone: its health is
service("web", { ...basis, startsAfter: [api] });

// @ts-expect-error a job has no health check
job("migrate", { ...jobBasis, health: alive });

// Milestones are no part of the node that checks and emitters see.
expectTypeOf<ServiceNode>().not.toHaveProperty("healthy");
