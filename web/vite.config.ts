import { defineConfig } from 'vitest/config';
import { font } from './plugins/font';
import { icons } from './plugins/icons';
import { shell } from './plugins/shell';

// `npm run dev` takes the API from here; the built app is served by the API itself.
const api = process.env['FM_API'] ?? 'http://127.0.0.1:8000';

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  plugins: [icons(), shell(), font()],
  build: {
    outDir: '../src/facility_monitor/web/dist',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing may stand inline in the page: the content security policy allows files of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: { app: 'index.html', sw: 'src/sw.ts' },
      output: {
        // The service worker's address must never change, or phones would keep the old one.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: { proxy: { '/api': api }, fs: { allow: ['..'] } },
  test: { include: ['tests/**/*.test.ts'] },
});
