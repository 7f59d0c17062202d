# Stops the programs when the launcher itself is killed; a shell, as it lives as long as the launcher and is small.
# Reads "+<pid>" and "-<pid>" lines. The input ends when the launcher is gone, for whatever reason; then every process
# that is still listed gets SIGTERM.
pids=' '
while read -r line; do
  pid=${line#?}
  case $line in
    +*) pids="$pids$pid " ;;
    *) pids="${pids%% "$pid" *} ${pids#* "$pid" }" ;;
  esac
done
for pid in $pids; do
  kill -TERM "$pid" 2>/dev/null
done
exit 0
