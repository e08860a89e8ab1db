# Runs one server for as long as this script's standard input stays open. The other end of that pipe is held by the JVM
# that started it, so the server cannot outlive the JVM, however that one dies.
# Arguments: pid file, seconds from SIGTERM to SIGKILL, program, its arguments. Output goes wherever ours goes.
trap '' INT HUP QUIT
pid_file=$1 grace=$2
shift 2
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
trap 'kill -TERM $server' TERM
echo "$server" >"$pid_file.new" && mv -f "$pid_file.new" "$pid_file"
(
  trap - TERM
  read -r _ <&3
  kill -TERM "$server" 2>/dev/null
  tenths=$((grace * 10))
  while [ "$tenths" -gt 0 ] && kill -0 "$server" 2>/dev/null; do
    sleep 0.1
    tenths=$((tenths - 1))
  done
  kill -KILL "$server" 2>/dev/null
) &
watcher=$!
wait "$server"
code=$?
# A trapped TERM interrupts wait before the server is gone.
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  code=$?
done
kill "$watcher" 2>/dev/null
exit "$code"
