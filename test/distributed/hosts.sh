#!/usr/bin/env bash
# Several hosts on one machine, to try a training over MPI: network namespaces on a virtual switch, each with its own address and
# host name. A launcher on host1 starts ranks on the others through remote-shell.sh, as it would through ssh. Needs root, iproute2, and
# Open MPI or MPICH. Files are shared by all hosts.
#
#   hosts.sh up 4                             host1 to host4, 10.77.0.1 to 10.77.0.4
#   hosts.sh run openmpi 4 COMMAND...         4 ranks, one a host; or: run mpich 4 COMMAND...
#   hosts.sh run openmpi 8 --per-host 2 ...   8 ranks, two a host
#   hosts.sh enter host2 COMMAND...           a command on a host
#   hosts.sh slow host2 5ms 1%                delay and loss of host2's link, each way; `slow host2 off` ends them
#   hosts.sh cut host2                        its link is down; `mend host2` brings it up
#   hosts.sh processes [HOST]                 what runs there: PID, host, command line
#   hosts.sh down                             kills what runs on the hosts and removes them
#
# Delay and loss are the kernel's (tc netem), or where its kernel has none, slow-link.py's (Python 3, ethtool).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=lockstep-
switch=${prefix}switch
state=/run/lockstep-hosts

fail() { echo "hosts.sh: $1" >&2; exit 2; }

hosts() { ip netns list | sed -n "s/^$prefix\(host[0-9]*\).*/\1/p" | sort -V; }

check_host() { hosts | grep -qx -- "${1:-}" || fail "no host '${1:-}'; there are: $(hosts | xargs)"; }

up() {
  local count=$1 k
  [[ $count =~ ^[1-9][0-9]?$ ]] || fail "up $count: expected 1 to 99 hosts"
  [ -z "$(hosts)" ] || fail 'there are hosts already: hosts.sh down'
  mkdir -p "$state"
  ip netns add "$switch"
  ip -n "$switch" link add switch type bridge
  ip -n "$switch" link set switch up
  for ((k = 1; k <= count; k++)); do
    local host=host$k at=${prefix}host$k
    ip netns add "$at"
    ip -n "$at" link add eth0 type veth peer name "$host" netns "$switch"
    ip -n "$switch" link set "$host" master switch up
    ip -n "$at" address add "10.77.0.$k/24" dev eth0
    ip -n "$at" link set lo up
    ip -n "$at" link set eth0 up
    # Open MPI's launcher waits for a host that is gone until TCP gives up: after 13 s, not 15 min.
    ip netns exec "$at" sh -c 'echo 5 >/proc/sys/net/ipv4/tcp_retries2'
    # `ip netns exec` lays these files over those of /etc.
    mkdir -p "/etc/netns/$at"
    { echo '127.0.0.1 localhost'; for ((i = 1; i <= count; i++)); do echo "10.77.0.$i host$i"; done; } \
      >"/etc/netns/$at/hosts"
    cat /proc/sys/kernel/random/uuid >"$state/$host.boot_id"
  done
}

enter() {
  local host=$1
  shift
  check_host "$host"
  # The boot's ID too: by it UCX, beneath MPICH, tells whether two processes can share memory.
  exec ip netns exec "$prefix$host" unshare --uts sh -c 'hostname "$1" &&
    mount --bind "$2" /proc/sys/kernel/random/boot_id && shift 2 && exec "$@"' \
    sh "$host" "$state/$host.boot_id" "$@"
}

run() {
  local mpi=$1 ranks=$2 each=1 launcher there
  shift 2
  if [ "${1:-}" = --per-host ]; then each=$2; shift 2; fi
  there=$(hosts | wc -l)
  ((ranks <= there * each)) || fail "$ranks ranks, $each a host, need more than the $there hosts that there are"
  list=$(mktemp)
  trap "rm -f '$list'" EXIT
  launcher=$(command -v "mpirun.$mpi" || command -v mpirun) || fail "no mpirun; install $mpi"
  # Ranks share the machine's cores and are bound to none. TCP only: else they would find that they are on one machine.
  case $mpi in
    openmpi)
      hosts | sed "s/$/ slots=$each/" >"$list"
      (enter host1 "$launcher" --allow-run-as-root --hostfile "$list" -np "$ranks" --map-by slot --bind-to none \
        --mca plm_rsh_agent "$here/remote-shell.sh" --mca btl tcp,self --mca pml ob1 "$@")
      ;;
    mpich)
      hosts | sed "s/$/:$each/" >"$list"
      (enter host1 "$launcher" -f "$list" -n "$ranks" -bind-to none -launcher ssh \
        -launcher-exec "$here/remote-shell.sh" -genv UCX_NET_DEVICES eth0 "$@")
      ;;
    *) fail "run $mpi: expected openmpi or mpich" ;;
  esac
}

# Both ends of a host's cable, each of which delays what it sends.
slow() {
  local host=$1 delay=${2:-} loss=${3:-0%}
  check_host "$host"
  quicken "$host"
  [ "$delay" != off ] || return 0
  [[ $delay =~ ^[0-9]+(us|ms|s)$ ]] || fail "slow $host $delay: expected a delay such as 500us or 5ms"
  [[ $loss =~ ^[0-9.]+%$ ]] || fail "slow $host $delay $loss: expected a loss such as 1%"
  if tc -n "$prefix$host" qdisc add dev eth0 root netem delay "$delay" loss "$loss" 2>/dev/null; then
    tc -n "$switch" qdisc add dev "$host" root netem delay "$delay" loss "$loss"
    return
  fi
  echo "hosts.sh: this kernel has no netem; slow-link.py delays and loses instead" >&2
  # Frames leave complete and no longer than the link takes, since a program passes them on.
  ip netns exec "$prefix$host" ethtool -K eth0 tx off tso off gso off >/dev/null
  ip -n "$switch" link set "$host" nomaster
  ip -n "$switch" tuntap add dev "$host-slow" mode tap
  ip -n "$switch" link set "$host-slow" master switch up
  ip netns exec "$switch" setsid python3 "$here/slow-link.py" "$host" "$host-slow" "$delay" "$loss" \
    </dev/null >/dev/null 2>&1 &
}

quicken() {
  local host=$1
  tc -n "$prefix$host" qdisc del dev eth0 root 2>/dev/null || true
  tc -n "$switch" qdisc del dev "$host" root 2>/dev/null || true
  ip -n "$switch" link show "$host-slow" >/dev/null 2>&1 || return 0
  ip -n "$switch" link del "$host-slow" # slow-link.py ends with it
  ip -n "$switch" link set "$host" master switch
}

processes() {
  local host
  for host in ${1:-$(hosts)}; do
    check_host "$host"
    ip netns pids "$prefix$host" | while read -r pid; do
      echo "$pid $host $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null || true)"
    done
  done
}

down() {
  local name
  for name in $(ip netns list | sed -n "s/^\($prefix\(host[0-9]*\|switch\)\).*/\1/p"); do
    ip netns pids "$name" | xargs -r kill -9 2>/dev/null || true
    ip netns del "$name"
    rm -rf "/etc/netns/$name"
  done
  rmdir /etc/netns 2>/dev/null || true
  rm -rf "$state"
}

[ "$(id -u)" = 0 ] || fail 'needs root'
case "${1:-}" in
  up | enter | run | slow | cut | mend) (($# >= 2)) || fail "$1: too few arguments; see the top of this file" ;;
esac
case "${1:-}" in
  up | enter | run | slow | processes | down) "$@" ;;
  cut) check_host "$2"; ip -n "$switch" link set "$2" down ;;
  mend) check_host "$2"; ip -n "$switch" link set "$2" up ;;
  *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
