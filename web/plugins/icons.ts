import type { Plugin } from 'vite';
import { png, svg } from './drawing';

/** Writes the app's icons into the build; home screens ask for PNG, browsers' tabs take SVG. */
export function icons(): Plugin {
  return {
    name: 'icons',
    generateBundle() {
      const files: readonly [string, string | Buffer][] = [
        ['icon.svg', svg()],
        ['icon-180.png', png(180, 0)],
        ['icon-192.png', png(192, 0)],
        ['icon-512.png', png(512, 0)],
        ['icon-maskable-512.png', png(512, 0.1)],
      ];
      for (const [fileName, source] of files) this.emitFile({ type: 'asset', fileName, source });
    },
  };
}
