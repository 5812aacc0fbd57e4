#!/bin/sh
# User data that saves work before the instance ends: shortly before its lease does, and when EC2 interrupts it.
# Reads both from the instance's metadata, without credentials. Needs curl and awk.
# Put this before the rest of your user data, and set what to run:
save=${SAVE_WORK:-/usr/local/bin/save-work} # gets "lease" or "interruption" as its argument
before=${SAVE_BEFORE:-300}                  # how many seconds before the end of the lease to run it
every=${POLL_SECONDS:-5}                    # how often to look; EC2 recommends every 5 seconds
imds=${IMDS_URL:-http://169.254.169.254}

# Prints an item of the metadata. Fails if there is none, or if the service does not answer.
metadata() {
    token=$(curl -fsS -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$imds/latest/api/token") || return
    curl -fs -m 2 -H "X-aws-ec2-metadata-token: $token" "$imds/latest/meta-data/$1"
}

# Prints the seconds since 1970 of a time such as 2026-03-01T12:00:00Z.
seconds() {
    echo "$1" | awk -F '[-T:.Z]' '/^[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+/ {
        y = $1; m = $2
        if (m < 3) { y--; m += 12 }
        days = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int(306 * (m + 1) / 10) + $3 - 719591
        printf "%.0f\n", ((days * 24 + $4) * 60 + $5) * 60 + $6
    }'
}

watch_end() {
    saved=
    while :; do
        if metadata spot/instance-action >/dev/null; then
            "$save" interruption
            return
        fi
        # "spot extend" moves the lease. The work is then saved again before its new end.
        lease=$(metadata tags/instance/spotspec:lease) || lease=
        end=$(seconds "$lease")
        if [ -n "$end" ] && [ "$lease" != "$saved" ] && [ $((end - $(date +%s))) -le "$before" ]; then
            "$save" lease
            saved=$lease
        fi
        sleep "$every"
    done
}

watch_end &
