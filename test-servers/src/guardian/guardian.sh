# Cleans up after the process that holds the other end of stdin.
#
# $1    the folder to remove, or nothing
# stdin lines: "watch SIGNAL TARGET", "forget TARGET"; a TARGET is a process id, or a negative process group id.
#
# At the end of the input every target that is still watched gets its signal, five seconds later SIGKILL, and then
# the folder is removed.

folder=$1
targets=

# The owner's end is told by stdin; signals would only get in the way of the cleaning.
trap '' HUP INT TERM QUIT PIPE

while read -r verb first second; do
    case $verb in
    watch) targets="$targets $first:$second" ;;
    forget)
        kept=
        for target in $targets; do
            [ "${target#*:}" = "$first" ] || kept="$kept $target"
        done
        targets=$kept
        ;;
    esac
done

# Whether a target still runs. One that has ended but was not reaped yet has ended for us: whoever inherits orphans may
# take its time. Where there is no /proc, it is waited for.
runs() {
    case $(cat "/proc/$1/stat" 2>/dev/null) in
    *") Z "*) return 1 ;;
    esac
    kill -s 0 -- "$1"
}

for target in $targets; do
    kill -s "$(kill -l "${target%%:*}")" -- "${target#*:}"
done

turns=0
for target in $targets; do
    while runs "${target#*:}" && [ "$turns" -lt 250 ]; do
        sleep 0.02
        turns=$((turns + 1))
    done
    kill -s KILL -- "${target#*:}"
done

# A PostgreSQL server that was killed leaves a block of shared memory: a few bytes, but they stay until the machine is
# restarted, and their number is limited. The seventh line of its lock file says which; a server that was stopped has
# removed both.
if [ -n "$folder" ] && [ -f "$folder/data/postmaster.pid" ]; then
    block=$(sed -n '7s/^ *[0-9][0-9]* *//p' "$folder/data/postmaster.pid")
    [ -z "$block" ] || ipcrm -m "$block"
fi

# Something may still have been writing in the first moment after its end.
if [ -n "$folder" ]; then
    rm -rf -- "$folder" || { sleep 0.5; rm -rf -- "$folder"; }
fi
