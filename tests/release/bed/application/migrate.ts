/** The migration of the test's application: notes that it ran. It fails where its database doesn't answer, and where the image is made to. */
import { readFileSync } from "node:fs";
import { createClient } from "@redis/client";

const env = (name: string): string => process.env[name] ?? "";
if (readFileSync("/app/mode", "utf8").trim() === "bad-migration") throw new Error("column does not exist");

const database = createClient({
  username: env("ORDERS_USER"),
  password: readFileSync(env("ORDERS_PASSWORD_FILE"), "utf8"),
  socket: { host: env("ORDERS_HOST"), port: Number(env("ORDERS_PORT")), reconnectStrategy: false, connectTimeout: 3000 },
});
await database.connect();
await database.set("migrated", "yes");
database.destroy();
