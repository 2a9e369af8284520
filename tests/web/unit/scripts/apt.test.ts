// How the machine's own package sources are read, in both of apt's formats.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debianMirror, parseDeb822, parseOneLine } from '../../../../scripts/lib/apt.mjs';

const deb822 = `# comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: trixie
Components: main
`;

describe('apt sources', () => {
  it('reads deb822 stanzas and leaves disabled ones', () => {
    expect(parseDeb822(deb822)).toEqual([
      { uri: 'http://mirror.example/debian', suite: 'trixie', components: ['main', 'contrib'] },
      { uri: 'http://mirror.example/debian', suite: 'trixie-updates', components: ['main', 'contrib'] },
    ]);
  });

  it('reads one-line entries with and without options', () => {
    const text =
      'deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main\n# deb http://b main\ndeb-src http://c.example/debian x main\n';
    expect(parseOneLine(text)).toEqual([{ uri: 'http://a.example/debian', suite: 'bookworm', components: ['main'] }]);
  });

  it('chooses the Debian archive with main, not security and not a third party', async () => {
    const etc = await mkdtemp(join(tmpdir(), 'halftone-apt-'));
    try {
      await mkdir(join(etc, 'sources.list.d'));
      await writeFile(join(etc, 'sources.list'), 'deb http://tools.example/apt stable main\n');
      await writeFile(
        join(etc, 'sources.list.d/debian.sources'),
        'Types: deb\nURIs: http://s.example/debian-security\nSuites: bookworm-security\nComponents: main\n\n' +
          'Types: deb\nURIs: http://m.example/debian/\nSuites: bookworm-updates bookworm\nComponents: main\n',
      );
      expect(await debianMirror(etc)).toEqual({ uri: 'http://m.example/debian/', suite: 'bookworm' });
    } finally {
      await rm(etc, { recursive: true });
    }
  });

  it('answers null where there is no such archive', async () => {
    expect(await debianMirror('/nonexistent')).toBeNull();
  });
});
