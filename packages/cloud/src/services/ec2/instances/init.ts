import { rebootExitCode } from "./plan.ts";

/**
 * What an instance is, as a process: it runs the user data's scripts at the first boot, then the image's own program if
 * there is one, and stays. Its argument is the instance's folder; it runs in the disk that is in there.
 *
 * It ends, as a machine does that is switched off, when it is told to (SIGTERM, and SIGHUP for a reboot), when a signal
 * has ended a script's program (which is how a server that runs in the foreground is killed), and when the image's own
 * program has ended. Programs in the background have their time to end too: all that it starts hold a pipe open, whose
 * end of file says that none is left.
 */
export const initScript = `folder=$1
exec >>"$folder/console.log" 2>&1
say() { echo "[init] $*"; }

TRYSAIL_INIT=$$
export TRYSAIL_INIT
alive=$folder/alive
[ -p "$alive" ] || mkfifo "$alive"
exec 8<>"$alive"

power_off() {
  trap '' TERM HUP
  kill -TERM 0
  exec 7<"$alive" 8<&-
  while read -r _ <&7; do :; done
  say "$2"
  exit "$1"
}
trap 'power_off 0 "Power down."' TERM
trap 'power_off ${rebootExitCode} "Restarting."' HUP

run() {
  "$@" 9>"$alive" 8<&- </dev/null &
  wait $!
  ended=$?
}

if [ ! -e "$folder/booted" ]; then
  : >"$folder/booted"
  for script in "$folder"/user-data/*; do
    [ -f "$script" ] || continue
    first=
    read -r first <"$script" || :
    case $first in
      '#!'*) run "$script" ;;
      *) run sh "$script" ;;
    esac
    [ "$ended" -le 128 ] || power_off 0 "A signal ($((ended - 128))) has ended \${script##*/}. Power down."
    [ "$ended" -eq 0 ] || say "\${script##*/} has failed with exit code $ended. The instance goes on."
  done
fi

if [ -x ./start ]; then
  run ./start
  power_off 0 "The image's program has ended with exit code $ended. Power down."
fi

while :; do
  sleep 1000000 8<&- &
  wait $!
done
`;

/**
 * Stands for commands that would change this machine where they mean the instance. Those that switch a machine off or
 * restart it do so with the instance.
 */
const standIn = `#!/bin/sh
name=\${0##*/}
tell() { echo "$name: $*" >&2; }
case $name in
  shutdown)
    case " $* " in *" -r "*) kill -HUP "$TRYSAIL_INIT" ;; *) kill -TERM "$TRYSAIL_INIT" ;; esac ;;
  poweroff | halt) kill -TERM "$TRYSAIL_INIT" ;;
  reboot) kill -HUP "$TRYSAIL_INIT" ;;
  systemctl | service)
    tell "an instance of Trysail has no systemd. Run the program itself: from the user data, or as the image's start."
    exit 1 ;;
  *)
    tell "an instance of Trysail has the programs of this machine. Nothing is installed or removed by: $name $*" ;;
esac
`;

/** By name: what stands before the machine's own commands on an instance's PATH. */
export const standIns: ReadonlyMap<string, string> = new Map(
  [
    "shutdown",
    "poweroff",
    "halt",
    "reboot",
    "systemctl",
    "service",
    "yum",
    "dnf",
    "amazon-linux-extras",
    "apt",
    "apt-get",
  ].map((name) => [name, standIn]),
);
