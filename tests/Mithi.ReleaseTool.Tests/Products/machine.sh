# Stands before a test's own lines: a small machine of namespaces. The image's root file system under an overlay that takes what is
# written, the loopback alone as network, and the product as its units see it. All of it is gone when bash ends.
#   use VERSION     switches to $trees/VERSION and runs its install script, as the agent does
#   start           starts both servers and waits until the product is healthy
#   stop
#   run COMMAND     in the machine, seeing what the services see
#   smtp LINE...    says the lines on port 25 and prints the answers
set -euo pipefail
[ $$ = 1 ] || { echo "Not in a process namespace of its own." >&2; exit 1; }
export PATH=$PATH:/usr/sbin:/sbin
product=/opt/mithi/mithi-mail-server
mount -t tmpfs none /mnt
mkdir -p /mnt/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$system,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
root=/mnt/root
mount -t proc proc $root/proc
mount -t tmpfs none $root/run
mount -t tmpfs none $root/dev
for device in null zero random urandom; do touch $root/dev/$device; mount --bind /dev/$device $root/dev/$device; done
ln -s /proc/self/fd $root/dev/fd
ip link set lo up
mkdir -p $root$product/current
over=

run() { MITHI_MAIL_INSIDE=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot $root "$@"; }
use() {
  [ -z "$over" ] || { umount $root/usr; umount $root$product/current; }
  over=1
  mount --bind "$trees/$1/tree" $root$product/current
  MITHI_ROOT=$root MITHI_PRODUCT=mithi-mail-server MITHI_VERSION=$1 $root$product/current/mithi/install >&2
  mount -t overlay overlay -o "lowerdir=$trees/$1/tree/usr:$root/usr" $root/usr
}
start() {
  run $product/current/mithi/configure
  run dovecot -F -c /run/mithi-mail/dovecot.conf &
  run /usr/lib/postfix/sbin/master -c /run/mithi-mail/postfix -s &
  local try
  for try in {1..120}; do
    run $product/current/mithi/health > /mnt/health && return
    sleep 0.25
  done
  cat /mnt/health $root/var/lib/mithi-mail/mail.log >&2
  return 1
}
# Of a process namespace's processes the first alone survives this, and that is this bash.
stop() { kill -TERM -1 || true; sleep 0.3; kill -KILL -1 2> /dev/null || true; wait || true; }
answer() { local line; while IFS= read -t 20 -r line <&3; do echo "${line%$'\r'}"; [[ $line =~ ^[0-9]{3}\  ]] && return; done; }
smtp() {
  exec 3<>/dev/tcp/127.0.0.1/25; answer
  local line
  for line in "$@" QUIT; do printf '%s\r\n' "$line" >&3; answer; done
  exec 3>&-
}
