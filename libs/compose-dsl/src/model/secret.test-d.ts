/** A secret reaches a program as the path of a declared file, and in no other way. Checked by tsc alone. */
import { derived, file, generated, job, sealedSecrets, service } from "../index.ts";
import { basis, jobBasis } from "../testing/platform.fixture.ts";

service("web", { ...basis, secrets: { KEY: generated({ bytes: 32 }) }, settings: { KEY_FILE: file("KEY"), KEY_URL: file("KEY", { prefix: "file://" }) } });

// @ts-expect-error the secret is not declared
service("web", { ...basis, secrets: { KEY: generated({ bytes: 32 }) }, settings: { KEY_FILE: file("KYE") } });

// @ts-expect-error a service without secrets has none to read
service("web", { ...basis, settings: { KEY_FILE: file("KEY") } });

// @ts-expect-error nor has a job
job("migrate", { ...jobBasis, settings: { KEY_FILE: file("KEY") } });

// @ts-expect-error the value of a secret is no setting
service("web", { ...basis, secrets: { KEY: generated({ bytes: 32 }) }, settings: { KEY: generated({ bytes: 32 }) } });

// @ts-expect-error a template knows only the secrets that it is made from
derived({ password: generated({ bytes: 32 }) }, ({ pasword }) => pasword);

// @ts-expect-error a secret isn't made from one that is made from others
derived({ list: derived({ a: generated({ bytes: 32 }) }, ({ a }) => a) }, ({ list }) => list);

sealedSecrets({ secrets: { "web.KEY": { use: 2 } } });
sealedSecrets({ secrets: {} });

// @ts-expect-error another file than secrets.age.json, such as the images' lock
sealedSecrets({ "postgres:17.7": "sha256:0" });
