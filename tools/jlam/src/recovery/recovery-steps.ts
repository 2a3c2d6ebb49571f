/** The steps of a recovery: their names in the drill, and how a person does the same with stock programs. */
import { verifyService, verifyTimer } from "./daily-verification.ts";

export interface RecoveryStep {
  /** As the drill's report names it; a subject may follow. */
  readonly title: string;
  readonly why: string;
  /** Shell lines, with variables that an earlier step sets. */
  readonly byHand: readonly string[];
}

/** In the order in which they are done; a type error here or in the drill is a step that the other one lacks. */
export const recoverySteps = {
  images: {
    title: "Images",
    why: "The kit says where they are: an archive to load, or a registry from which Compose fetches them.",
    byHand: ["docker load --input images.tar"],
  },
  set: {
    title: "Set",
    why: "A set is its manifest. Take the newest one whose signature is good, and nothing that has no manifest.",
    byHand: [
      "# keys, from the kit: save its blocks as signer.pub and escrow.key",
      "gpg --import signer.pub escrow.key",
      "# store, from the kit; any S3 browser does as well: rclone, the console of the provider, Cyberduck",
      "rclone lsf kit:BUCKET/manifests/",
      "ID=2026-11-22T02-00-00-000Z   # the newest",
      "rclone copy kit:BUCKET/manifests/$ID.json.asc . && rclone copy kit:BUCKET/sets/$ID/ . && rclone copy kit:BUCKET/erasures/ erasures/",
      "gpg --decrypt $ID.json.asc > manifest.json   # must say: Good signature",
      "# where the first region is gone: the same names are in the kit's second one, `copy`",
      "# every object's SHA-256 must be the manifest's",
      "jq --raw-output '.objects[] | .sha256 + \"  \" + (.key | split(\"/\")[2])' manifest.json | sha256sum --check",
    ],
  },
  repository: {
    title: "Repository",
    why: "The revision that made the set knows which files and tables it belongs to.",
    byHand: ["gpg --decrypt --output platform.bundle repository.bundle.gpg", "git clone platform.bundle /srv/jlam && cd /srv/jlam", "git checkout $(jq --raw-output .revision ~/manifest.json)"],
  },
  machine: {
    title: "Secrets and images' names",
    why: "Without the old secrets no erased person could be recognised, and without the names other images would start.",
    byHand: [
      "gpg --decrypt ~/machine.tar.gpg | tar --extract --same-permissions --directory=/srv/jlam",
      "# where environments/ENVIRONMENT/secrets.age.json holds values, with the kit's age identity in a file of mode 600:",
      "# ./jlam secrets files ENVIRONMENT --identity age-identity --into DIRECTORY; by hand each `sealed` is an age file: age --decrypt --identity age-identity",
      "export $(jq --raw-output '.variables | to_entries[] | .key + \"=\" + .value' environments/ENVIRONMENT/.state/running.json)",
      "export COMPOSE_PROFILES=$(jq --raw-output '.profiles | join(\",\")' environments/ENVIRONMENT/.state/running.json)",
      "cd environments/ENVIRONMENT/generated",
    ],
  },
  closed: {
    title: "Visitors are kept out",
    why: "Nobody may write into what is about to be replaced, nor see somebody who was erased. On an empty machine nothing runs yet.",
    byHand: ["docker compose stop"],
  },
  basis: {
    title: "Databases and engine",
    why: "Empty databases with the model's own roles and passwords.",
    byHand: ["docker compose up --detach --wait backup"],
  },
  database: {
    title: "Restore",
    why: "Into the database that the container made, as its superuser. Rows must be as many as the manifest says.",
    byHand: [
      "# for each database, here `app`",
      "gpg --decrypt ~/postgres-app.roles.sql.zst.gpg | zstd --decompress | docker compose exec -T postgres-app psql --username=postgres   # \"already exists\" is no error here",
      "gpg --decrypt ~/postgres-app.dump.zst.gpg | zstd --decompress | docker compose exec -T postgres-app pg_restore --username=postgres --clean --if-exists --exit-on-error --dbname=app",
      "docker compose exec -T postgres-app psql --username=postgres --file=/docker-entrypoint-initdb.d/10-roles.sql",
      "docker compose exec -T backup node /app/backup.js compare --of postgres-app < ~/manifest.json",
    ],
  },
  volume: {
    title: "Restore",
    why: "Files of volumes, with their owners.",
    byHand: ["# for each volume of the set, here `traefik-acme`", "gpg --decrypt ~/volume-traefik-acme.tar.zst.gpg | zstd --decompress | docker run --rm -i --user 0 --volume jlam-ENVIRONMENT_traefik-acme:/volume $JLAM_IMAGE_BACKUP tar --extract --directory=/volume --file=-"],
  },
  erasures: {
    title: "Erase again in",
    why: "A set is older than the last erasures. All lists together, before anybody is let in.",
    byHand: [
      "for list in ~/erasures/postgres-app/*; do gpg --decrypt $list | jq --raw-output .lines | gpg --decrypt; done | sort --unique > ~/erased",
      "docker compose run --rm -T --no-deps web-migrate",
      "docker compose run --rm -T --no-deps web-migrate node /app/erasures.js replay < ~/erased",
    ],
  },
  services: {
    title: "Services",
    why: "Everything but the edge.",
    byHand: ["docker compose up --detach --wait $(docker compose config --services | grep --invert-match --line-regexp traefik)"],
  },
  afterwards: {
    title: "Erase again beyond",
    why: "Their accounts at the identity provider, which was restored too.",
    byHand: ["docker compose exec -T web node /app/erasures.js accounts < ~/erased"],
  },
  open: {
    title: "Visitors are let in",
    why: "Only now.",
    byHand: ["docker compose up --detach --wait traefik"],
  },
  visits: {
    title: "Visits",
    why: "Every host of the model answers over TLS, its certificate verified.",
    byHand: ["# in a browser: every host of \"visits\" in files/backup/etc/backup/plan.json"],
  },
} as const satisfies Readonly<Record<string, RecoveryStep>>;

/** docs/runbooks/recovery.md, whole. */
export function recoveryRunbook(): string {
  const steps: readonly RecoveryStep[] = Object.values(recoverySteps);
  return [
    "# Recovery",
    "",
    "<!-- Generated from tools/jlam/src/recovery/recovery-steps.ts, which the drill goes by. Edit it there, then: JLAM_UPDATE=1 npx vitest run --project unit recovery-steps -->",
    "",
    "From an empty machine with Docker and the escrow kit to the whole platform. One command does all of it and measures each step; an alert tells when that was not done for more than a week:",
    "",
    "```sh",
    "./jlam drill --kit kit.yaml --report drill.json",
    "```",
    "",
    "Over an environment that runs: `./jlam restore -e ENVIRONMENT`, which says what would be lost and asks.",
    "",
    "## One database, as it was at an instant",
    "",
    "Where `jlam backup list` tells of instants, every change is kept (docs/decisions/0087). Times are Amsterdam's unless a zone is said:",
    "",
    "```sh",
    'jlam restore --to "2026-11-20 14:03:00" --database app --rehearse   # brings it up apart, checks every page, replaces nothing',
    'jlam restore --to "2026-11-20 14:03:00" --database app              # says what would be lost, asks, takes a set first',
    "```",
    "",
    "By hand, with the kit: fetch `point-in-time/records/postgres-app/` and what they are of from `point-in-time/objects/postgres-app/`: of `bases/` the last one before the instant and, by the `prior` of its record, those down to a whole one; of `wal/` every segment from the record's `startLsn` on. Check each against the SHA-256 of its signed record, as for a set.",
    "",
    "```sh",
    "for base in 1 2; do mkdir base-$base; gpg --decrypt base-$base.tar.zst.gpg | zstd --decompress | tar --extract --directory=base-$base; done",
    "pg_combinebackup --output=data base-1 base-2 && pg_verifybackup --no-parse-wal data   # one base alone is `data` itself",
    "for segment in wal/*.zst.gpg; do gpg --decrypt $segment | zstd --decompress > wal/$(basename $segment .zst.gpg); done",
    "touch data/recovery.signal",
    "postgres -D data -c listen_addresses= -c hot_standby=off -c recovery_target_action=promote -c recovery_target_time='2026-11-20 13:03:00+00' -c restore_command='cp /path/to/wal/%f %p'",
    "pg_dump --format=custom app > app.dump   # and from here on as for a set: step 7",
    "```",
    "",
    "## A copy for staging, without a person in it",
    "",
    "```sh",
    "jlam restore -e production --into staging --anonymised --key operations.key",
    "jlam restore -e production --anonymised --dump app.dump --key operations.key   # where staging's database is managed: pg_restore --no-owner",
    "```",
    "",
    "It is made on a server without a network, and leaves only once no mail address, no BSN and nothing that lets somebody in is found in it (docs/decisions/0088).",
    "",
    "## Every day: the newest set, proven",
    "",
    "A set counts once it was restored, and no key that reads sets may lie on the host that makes them (docs/decisions/0086). So a machine of somebody who keeps the operations key does it: one with this repository in `/srv/jlam`, Docker's client, systemd 250 or newer, and a login `HOST` that may use the host's engine. There the key lies encrypted for that machine alone:",
    "",
    "```sh",
    "systemd-creds encrypt --name=operations.key operations.key /etc/jlam/operations.key.cred   # then remove the plain one",
    "systemctl enable --now jlam-verify.timer && systemctl start jlam-verify.service            # the first time at once",
    "```",
    "",
    "```ini",
    verifyService.trimEnd(),
    "```",
    "",
    "```ini",
    verifyTimer.trimEnd(),
    "```",
    "",
    "When it fails or stops, the alert BackupUnverified tells within 49 hours, whatever became of that machine.",
    "",
    "## By hand",
    "",
    "Where nothing of ours is left but the printed kit: the same steps with `gpg`, `zstd`, `jq`, Docker, and anything that reads S3. Every file of a set is in the working directory `~` after step 2.",
    "",
    ...steps.flatMap(({ title, why, byHand }, index) => [`### ${index + 1}. ${title}${["Restore", "Erase again in", "Erase again beyond"].includes(title) ? " …" : ""}`, "", why, "", "```sh", ...byHand, "```", ""]),
  ].join("\n");
}
