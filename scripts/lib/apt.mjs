// Debian packages, in two ways: installed into the system when a needed one is missing (installMissing), and fetched
// through a private apt state that never touches the system (PrivateApt), from the mirror the machine itself uses.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capture, exec, run, which } from './exec.mjs';
import { Problem, say, step } from './log.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Installs those of `packages` ([{name, provides}]) whose program or file `provides` is not there yet. */
export async function installMissing(packages) {
  const missing = packages.filter((entry) => !isProvided(entry.provides)).map((entry) => entry.name);
  if (missing.length === 0) return;
  const list = missing.join(' ');
  if (!which('apt-get'))
    throw new Problem(`These are needed and this machine has no apt-get to install them: ${list}.`);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !which('sudo')) {
    throw new Problem(`These Debian packages are needed: ask an administrator for \`apt-get install ${list}\`.`);
  }
  if (!isRoot && !process.stdin.isTTY && (await exec('sudo', ['-n', 'true'])).code !== 0) {
    throw new Problem(
      `These Debian packages are needed and sudo wants a password: run \`sudo apt-get install ${list}\` first.`,
    );
  }
  say(`Going to install these Debian packages: ${list}`);
  const apt = (...args) => {
    const all = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
    return isRoot ? exec(all[0], all.slice(1)) : exec('sudo', all, { quiet: true });
  };
  await step('Installing Debian packages', async () => {
    const update = await apt('update');
    const { code, out } = await apt('install', '-y', '--no-install-recommends', ...missing);
    if (code === 0) return;
    throw aptProblem(`${update.out}\n${out}`, `installing ${list} failed`);
  });
  const still = packages.filter((entry) => !isProvided(entry.provides));
  if (still.length > 0)
    throw new Problem(`Installed, but not found: ${still.map((entry) => entry.provides).join(', ')}.`);
}

const isProvided = (what) => (what.startsWith('/') ? existsSync(what) : which(what) !== null);

function aptProblem(out, what) {
  if (
    /Temporary failure|Could not resolve|Could not connect|Unable to connect|Failed to fetch|Network is unreachable/.test(
      out,
    )
  ) {
    return new Problem(
      `There is no connection to the Debian mirror of this machine, so ${what}: check the network and run the command again.`,
    );
  }
  if (/not enough free space|No space left/i.test(out)) {
    return new Problem('The disk is full: make room and run the command again.');
  }
  const reason = out.split('\n').find((line) => line.startsWith('E: ')) ?? out.trim().split('\n').at(-1);
  return new Problem(
    `apt-get says "${reason.replace(/^E: /, '').replace(/\w+:\/\/\S+/g, '(an address)')}", so ${what}.`,
  );
}

/** The Debian archive the machine's own apt sources name: {uri, suite, keyring}. Address and suite are never ours. */
export async function debianMirror(etc = '/etc/apt') {
  const entries = [];
  const parts = join(etc, 'sources.list.d');
  const files = existsSync(parts) ? (await readdir(parts)).map((name) => join(parts, name)) : [];
  for (const file of [join(etc, 'sources.list'), ...files]) {
    if (!existsSync(file)) continue;
    if (file.endsWith('.list')) entries.push(...parseOneLine(await readFile(file, 'utf8')));
    if (file.endsWith('.sources')) entries.push(...parseDeb822(await readFile(file, 'utf8')));
  }
  const plain = /^[a-z]+$/; // `bookworm`, not `bookworm-security`
  const found = entries.find(
    ({ uri, suite, components }) => components.includes('main') && plain.test(suite) && /debian\/?$/.test(uri),
  );
  return found ? { uri: found.uri, suite: found.suite } : null;
}

export function parseOneLine(text) {
  return [...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/gm)].map(([, uri, suite, components]) => ({
    uri,
    suite,
    components: components.trim().split(/\s+/),
  }));
}

export function parseDeb822(text) {
  const entries = [];
  for (const stanza of text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/)) {
    const field = (name) => (new RegExp(`^${name}:\\s*(.+)$`, 'mi').exec(stanza)?.[1] ?? '').trim().split(/\s+/);
    if (!field('Types').includes('deb') || field('Enabled').includes('no')) continue;
    for (const uri of field('URIs')) {
      for (const suite of field('Suites')) entries.push({ uri, suite, components: field('Components') });
    }
  }
  return entries;
}

/** An apt of its own in `folder`: own lists, own cache, no installed packages; network settings are the machine's. */
export class PrivateApt {
  static async open(folder, lines) {
    const apt = new PrivateApt();
    apt.env = { APT_CONFIG: join(folder, 'apt.conf'), LC_ALL: 'C' };
    await mkdir(join(folder, 'state/lists/partial'), { recursive: true });
    await mkdir(join(folder, 'cache/archives/partial'), { recursive: true });
    await writeFile(join(folder, 'status'), '');
    await writeFile(join(folder, 'sources.list'), `${lines.join('\n')}\n`);
    const network = ((await capture('apt-config', ['dump'])) ?? '')
      .split('\n')
      .filter((line) => line.startsWith('Acquire::'));
    await writeFile(
      apt.env.APT_CONFIG,
      [
        ...network,
        'Dir::Etc::parts "/dev/null";',
        'Dir::Etc::main "/dev/null";',
        'Dir::Etc::sourceparts "/dev/null";',
        `Dir::Etc::sourcelist "${folder}/sources.list";`,
        `Dir::State "${folder}/state";`,
        `Dir::State::status "${folder}/status";`,
        `Dir::Cache "${folder}/cache";`,
        `APT::Sandbox::User "";`,
        '',
      ].join('\n'),
    );
    const { code, out } = await exec('apt-get', ['-q', 'update'], { env: apt.env });
    if (code !== 0 || /^(W|E|Err)[:]/m.test(out)) throw aptProblem(out, 'the package lists could not be read');
    return apt;
  }

  static sources(mirror, suite, type = 'deb') {
    return `${type} [signed-by=${keyring}] ${mirror.uri} ${suite} main`;
  }

  /** `roots` and everything they depend on, without what matches `skip`. */
  async closure(roots, skip) {
    const only = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
      (kind) => `--no-${kind}`,
    );
    const seen = new Set();
    for (let todo = roots; todo.length > 0; ) {
      for (const name of todo) seen.add(name);
      const out = await run('apt-cache', ['depends', ...only, ...todo], { env: this.env });
      const names = [...out.matchAll(/Depends: ([^<\s]\S*)/g)].map(([, name]) => name);
      todo = [...new Set(names)].filter((name) => !seen.has(name) && !skip.test(name));
    }
    return [...seen];
  }

  async version(name) {
    const out = await capture('apt-cache', ['show', '--no-all-versions', name], { env: this.env });
    const version = /^Version: (\S+)$/m.exec(out ?? '')?.[1];
    if (!version) throw new Problem(`The Debian mirror of this machine has no package ${name}.`);
    return version.replace(/^\d+:/, '').replace(/[-+~].*$/, '');
  }

  /** Downloads packages into `folder` and unpacks them under `prefix`. */
  async unpack(names, folder, prefix) {
    await mkdir(folder, { recursive: true });
    const { code, out } = await exec('apt-get', ['-q', 'download', ...names], { cwd: folder, env: this.env });
    if (code !== 0) throw aptProblem(out, 'packages could not be downloaded');
    await mkdir(prefix, { recursive: true });
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', join(folder, file), prefix]);
    }
  }

  /** Downloads a source package's files into `folder`; its version must be `version`. */
  async source(name, folder) {
    await mkdir(folder, { recursive: true });
    const { code, out } = await exec('apt-get', ['-q', 'source', '--download-only', name], {
      cwd: folder,
      env: this.env,
    });
    if (code !== 0) throw aptProblem(out, `the sources of ${name} could not be downloaded`);
  }
}
