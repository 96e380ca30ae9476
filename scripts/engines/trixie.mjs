import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MIRROR } from '../setup/base-image.mjs';
import { distribution, ensurePackages } from '../setup/packages.mjs';
import { run, SYSTEM_PATH, which } from '../setup/processes.mjs';
import { step } from '../setup/say.mjs';
import { quote } from './daemon.mjs';

const PACKAGES = ['docker.io', 'podman', 'catatonit', 'runc', 'iptables', 'nftables', 'netavark', 'aardvark-dns'];

/** A root file system of Debian 13 with its engines, made once. */
export async function trixieRoot({ cache, signal }) {
  const root = join(cache, 'trixie');
  if (existsSync(root)) return root;
  if (!which('debootstrap')) await ensurePackages(['debootstrap'], "the engines of Debian's newer release");
  const partial = `${root}.partial`;
  rmSync(partial, { recursive: true, force: true });
  await step(`Making a root of Debian 13 with ${PACKAGES.join(', ')} (debootstrap), once`, () => {
    const keyring = distribution() === 'debian' ? [] : ['--keyring=/usr/share/keyrings/debian-archive-keyring.gpg'];
    const args = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, ...keyring, 'trixie', partial, MIRROR];
    // Older releases of debootstrap lack the newest suites, which are all made alike.
    if (!existsSync('/usr/share/debootstrap/scripts/trixie')) args.push('/usr/share/debootstrap/scripts/sid');
    return run('debootstrap', args, { env: { ...process.env, PATH: SYSTEM_PATH }, signal, explain: 'debootstrap' });
  });
  rmSync(join(partial, 'var/cache/apt/archives'), { recursive: true, force: true });
  renameSync(partial, root);
  return root;
}

/** Shell commands after which a script goes on in that root. The engine's folder is where it was; pivot_root(2) needs a mount. */
export function enterRoot(root) {
  return `root=${quote(root)}
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 engine "$root/run"
mount -t tmpfs -o mode=1777 engine "$root/tmp"
mkdir -p "$root$ENGINE_FOLDER" "$root/.old"
mount --bind "$ENGINE_FOLDER" "$root$ENGINE_FOLDER"
cat "$ENGINE_FOLDER/resolv.conf" > "$root/etc/resolv.conf"
cd "$root"
pivot_root . .old
cd /
umount -l /.old
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
`;
}
