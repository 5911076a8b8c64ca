import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const from = 'node_modules/@expo-google-fonts/noto-sans-sc';

/** Puts the typeface of the printed sheets beside the app, which itself never asks for it: the service embeds it in PDF files. */
export function font(): Plugin {
  return {
    name: 'font',
    apply: 'build',
    writeBundle({ dir = '' }) {
      const to = join(dir, 'print');
      mkdirSync(to, { recursive: true });
      copyFileSync(join(from, '400Regular/NotoSansSC_400Regular.ttf'), join(to, 'NotoSansSC-Regular.ttf'));
      copyFileSync(join(from, 'LICENSE_FONT'), join(to, 'OFL.txt'));
    },
  };
}
