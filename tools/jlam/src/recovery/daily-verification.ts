/** Units of systemd by which a machine of a keeper of the operations key proves the newest set every day. */
import { daily } from "@jlam/backup/schedule";

/** Where the forwarded socket and the connection's control socket lie for as long as it runs. */
const folder = "/run/jlam-verify";

/** Reached through ssh, so that the host publishes nothing; the key goes to it by standard input alone, for as long as it is used. */
export const verifyService = `# /etc/systemd/system/jlam-verify.service
[Unit]
Description=Prove the newest recovery set by a real restore
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User=jlam
WorkingDirectory=/srv/jlam
RuntimeDirectory=jlam-verify
RuntimeDirectoryMode=0700
LoadCredentialEncrypted=operations.key:/etc/jlam/operations.key.cred
Environment=DOCKER_HOST=unix://${folder}/docker.sock
TimeoutStartSec=2h
ExecStart=/bin/sh -ec 'ssh -fNM -S ${folder}/control -o BatchMode=yes -o ExitOnForwardFailure=yes -o StreamLocalBindUnlink=yes -L ${folder}/docker.sock:/var/run/docker.sock HOST; trap "ssh -S ${folder}/control -O exit HOST" EXIT; ./jlam backup verify --restored -e production --key %d/operations.key'
`;

/** Two hours after a set is begun; a machine that slept then does it when it wakes. */
export const verifyTimer = `# /etc/systemd/system/jlam-verify.timer
[Unit]
Description=Every day, after the set is there

[Timer]
OnCalendar=*-*-* ${String((daily.atHour + 2) % 24).padStart(2, "0")}:00:00 UTC
RandomizedDelaySec=15m
Persistent=true

[Install]
WantedBy=timers.target
`;
